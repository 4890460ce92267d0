"""The state of a page: address, widgets, what the session remembers, own data."""
