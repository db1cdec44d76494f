"""Maps of several years made consistent: every step a declared choice, what it changed counted, the raw maps kept.

sequences     the distinct rows of classes that pixels have over the years
majority      the commonest class of the years around
markov        the likeliest true classes, given how often land changes and how often the map errs
transitions   the fewest changes that leave no forbidden step from year to year
patches       patches under the minimum unit go to a neighbour
steps         the declared steps one after the other
"""
