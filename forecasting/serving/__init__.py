"""Serving a model on chips: how fast a replica writes within a latency, how many chips a demand
takes, and what its tokens cost.
"""
