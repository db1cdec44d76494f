"""carbonsink as a library, for notebooks and scripts.

opened     open_run(path) -> Run: a finished run's tables, layers and rasters as pandas, geopandas and xarray know them
cubes      a raster of a run as an xarray dataset
series     indices and composites of an xarray dataset
"""
