"""What every other room of the engine stands on: errors, units, scenarios, ranges, tables."""
