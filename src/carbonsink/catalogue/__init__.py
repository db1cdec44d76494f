"""A real STAC API over a folder with a static catalogue: folder -> holdings -> search -> app -> serve."""
