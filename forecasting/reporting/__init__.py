"""Results in words: sentences, overview, judged claims, methods, reports."""
