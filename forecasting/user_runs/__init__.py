"""Forecasts from a user's own training runs and tables."""
