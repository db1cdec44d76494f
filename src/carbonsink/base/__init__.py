"""What every room stands on: problems, units, formulas, tables, rasters, geometry, the store, evidence."""
