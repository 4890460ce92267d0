"""Fitting laws to training runs: optimum, intervals, warnings, comparison, advice."""
