"""The page Running out of text."""
