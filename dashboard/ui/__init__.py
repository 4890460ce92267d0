"""What every page is drawn with: layout, controls, display bar, chart element, style."""
