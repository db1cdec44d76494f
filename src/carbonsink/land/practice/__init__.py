"""Practice evidence: what the series of acquisitions says of a parcel's season, beside the farm record. It replaces nothing.

series    composites/series.csv -> a parcel's observations       seasons   growing seasons of NDVI
wetness   an observation -> how likely over wet and dry ground    radar     the same of VH, and the seasons that it shows
regime    a season's days as flooded and drained spells           water     the water regime of the rice tables
fields    crops, winter cover, residue, burning
planting  new forest: when, and whether it lives                  record    what the farm record says, and the verdict
gather    the stage: land/practice.csv
"""
