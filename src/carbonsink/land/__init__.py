"""Land: a cover map a year by rules, by a trained classifier or from a published map, consistent over the years, with its errors on reference parcels.

features    composites of a year -> layers on one time axis
rules       formula text over layers -> classes
reference   labelled raster -> pixels and parcels on the project grid
folds       which samples are held out together: pixels at random, or whole parcels
classify    random forest and boosted trees on any table: training (scikit-learn), plain arrays, prediction (our kernel), tuning
classifier  a map by a trained classifier: classes and probabilities
judge       a map against samples: confusion
confidence  probabilities and confidence of a trained map, a layer each
ground      the pixels a trained map is made for
legend      values of a published map -> classes
mapchips    published maps cut around the area, in stage 1
published   chips of a published map -> classes on the project grid
consistency maps of several years made consistent: smoother, minimum unit, allowed transitions
cover       the stage: cover_<year>.tif, confusion.csv, model.json
"""
