"""The page before the page: HTML that says a page's question and answer, with its chart, before any
script has run.

    address → content.FirstPaint → markup → Streamlit's index.html with it, sent by routes

The live page is drawn behind it and takes its place (first_paint.js) once it stands.
"""
