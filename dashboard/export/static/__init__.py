"""Charts as pictures, drawn from the pages' own figures without a browser.

    figure → chart.drawn → Drawing → svg.svg_of, pdf.page_of → png.png_of

A `Drawing` is a list of shapes and words in pixels. SVG is written from it directly, since text
then stays text and a chart takes some ten milliseconds and kilobytes, where matplotlib takes ten
times as long. A PNG is a page of a PDF, drawn as the memo's chart is, that PDFium paints: it needs
no other library of the system and takes a third of the time of a renderer of SVG.
"""
