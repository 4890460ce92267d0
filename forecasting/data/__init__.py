"""The tables that forecasts read: data set, catalogue, schema, consumer prices."""
