"""Benchmarks: speed, memory and capacity against bare apps in the same run. `make bench` prints
medians and ratios.
"""
