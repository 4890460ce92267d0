"""Newer tables from their sources: download, adapters, checks, replacement, what it changes."""
