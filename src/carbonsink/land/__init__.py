"""Land: a cover map a year from the composites, by rules or by a trained forest, with its errors on reference parcels.

features    composites of a year -> layers on one time axis
rules       formula text over layers -> classes
reference   labelled raster -> pixels and parcels on the project grid
folds       which samples are held out together: pixels at random, or whole parcels
forest      training (scikit-learn), plain arrays, prediction (our kernel)
classifier  a map by a trained forest
judge       a map against samples: confusion
cover       the stage: cover_<year>.tif, confusion.csv, model.json
"""
