"""The forecasts of the page Train or infer."""
