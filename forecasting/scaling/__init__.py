"""The forecasts of the page Scaling laws."""
