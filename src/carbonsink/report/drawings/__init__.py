"""Maps and charts as SVG: drawn once, labelled in every language."""
