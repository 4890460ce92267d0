"""Scaling laws at work: what a budget buys, run sets, architectures, routing."""
