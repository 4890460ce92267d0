"""What joins the pages: the Overview, the judged claims, the data and methods."""
