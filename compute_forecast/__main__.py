"""python -m compute_forecast: the same as compute-forecast."""

from compute_forecast.main import run

run()
