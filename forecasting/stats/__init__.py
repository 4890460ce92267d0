"""Statistics that every law uses: quantiles and ranges, sampling, roots, least squares, a parallel
map.
"""
