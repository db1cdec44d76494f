"""Areas: hectares of each stratum and year from the cover map, with their error where samples allow one.

coverage    how much of each pixel an outline covers -> hectares by class
estimate    counts of samples and mapped areas -> adjusted areas, accuracies, standard errors
measure     the stage: classes.csv, parcels.csv, activity.csv
"""
