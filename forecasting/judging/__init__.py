"""How good forecasts have been: rolling origin, scores, baselines."""
