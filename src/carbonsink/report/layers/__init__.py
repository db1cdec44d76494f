"""The report for other programs.

shapes     what a layer holds: parcels, strata, samples, plots, alerts, boundary
styles     how it looks, in QGIS's and the OGC's language of styles
vectors    layers.gpkg
maps       maps/*.tif, Cloud Optimized GeoTIFFs with their legends
stac       stac-item.json, which describes every other file of the report
files      all of them, in this order
"""
