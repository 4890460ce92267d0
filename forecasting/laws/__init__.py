"""Scaling laws as formulas, with published coefficients."""
