"""A user's own files: runs in any dialect or tracker's export, prices, and what is wrong in
them.
"""
