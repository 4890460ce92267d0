"""The same forecast over many scenarios, on as many processes or machines as a setting names."""
