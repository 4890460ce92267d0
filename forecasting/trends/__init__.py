"""Exponential trends of dated series, and their forecasts."""
