"""The page Train or infer."""
