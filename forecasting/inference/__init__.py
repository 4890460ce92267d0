"""Compute at answer time: what it buys, what it costs, what it is worth in training."""
