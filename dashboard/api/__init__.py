"""Numbers by URL: every page's result as JSON, CSV or zip, a batch of scenarios, and an OpenAPI
description of all of it.
"""

from dashboard.api.routes import api_routes

__all__ = ["api_routes"]
