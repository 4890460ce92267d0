"""The web server: start-up, routes, headers, warm-up."""
