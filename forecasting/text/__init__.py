"""The forecasts of the page Running out of text."""
