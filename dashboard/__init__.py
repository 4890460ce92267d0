"""The front end: pages, charts, controls and links. The engine knows nothing of it."""
