"""What a FLOP costs over time, and what training a model costs."""
