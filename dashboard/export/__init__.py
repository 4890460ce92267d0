"""What a page shows in the forms that travel: JSON, CSV, reports, citations."""
