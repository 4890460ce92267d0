"""Charts: pure functions of results."""
