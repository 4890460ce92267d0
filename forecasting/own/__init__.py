"""The forecasts of the page Your runs, and newer tables in place of the bundled ones."""
