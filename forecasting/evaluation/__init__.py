"""How good forecasts have been: backtests, scores, baselines."""
