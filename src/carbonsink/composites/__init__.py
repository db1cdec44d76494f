"""Stage 2: chips become masked medians on one grid, per period: bands, indices, and the number of clear observations.

index    formula text over reflectance        kernel   lower median of integers
read     one day of one block from chips      grid     the project grid and its blocks
compose  periods and blocks as dask tasks, written as composites/<period>.tif
"""
