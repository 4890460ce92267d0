"""The page Cost of compute."""
