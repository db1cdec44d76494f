"""Reference samples: how many points, where they lie, what people saw there, and how far they agree.

design     target standard error, expected accuracies -> points a class
frame      map, boundary, training labels -> pixels a point may be drawn from
draw       frame, design, seed -> points
points     points <-> GeoPackage
chips      points, composites -> pictures and series
sheet      points, pictures -> one HTML page an interpreter works in
returned   saved tables <-> labels, with everything that is wrong in them
agreement  two interpreters' labels -> kappa and its error
labels     declared samples -> settled labels -> confusion with the map
"""
