"""Charts as pictures, drawn from the pages' own figures without a browser.

    figure → chart.drawn → Drawing → svg.svg_of, svg.png_of, or a page of a PDF

A `Drawing` is a list of shapes and words in pixels. SVG is written from it directly, since text
then stays text and a chart takes some ten milliseconds and kilobytes, where matplotlib takes ten
times as long; resvg, which needs no other library of the system, turns it into a PNG.
"""
