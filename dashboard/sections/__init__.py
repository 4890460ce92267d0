"""Sections of pages that hold too much for one file; each reads top down as a page does."""
