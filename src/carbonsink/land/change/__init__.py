"""Change: dated breaks in the series of composites, neighbouring ones as changes with a kind, and alerts inside red lines.

search   all periods on one time axis, block by block through the kernel
kernel   harmonic model of a history, moving or cumulative sum of residuals, two models with a break between (compiled)
events   the pixels that broke, as columns
objects  neighbours that broke at about the same time, as outlines
kinds    what a change is, by rules of the library
maps     the cover before and after
alerts   changes inside red lines
chips    pictures of a place before and after
detect   the stage: breaks.tif, changes.csv, alerts.csv, alerts/*.png
"""
