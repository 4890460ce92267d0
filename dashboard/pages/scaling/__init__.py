"""The page Scaling laws."""
