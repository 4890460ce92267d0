"""The forecasts of the page Plan."""
