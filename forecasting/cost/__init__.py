"""The forecasts of the page Cost of compute."""
