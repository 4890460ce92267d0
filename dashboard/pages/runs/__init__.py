"""The page Your runs."""
