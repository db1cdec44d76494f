"""Areas: hectares of each stratum and year from the cover map, with their error where samples allow one.

coverage     how much of each pixel an outline covers -> hectares by class, the condition of parcels
interval     standard errors -> intervals
estimate     counts of samples and mapped areas -> adjusted areas, accuracies, standard errors (Olofsson et al. 2014)
strata       means and ratios where strata aren't the classes (Stehman 2014)
ratio        areas and accuracies from such strata, areas and totals by a known one
regression   model-assisted means and areas
transitions  the transition matrix with errors
classes      classes.csv, estimators.csv
changed      transitions.csv
plots        plots.csv, plot_changes.csv
measured     measured.csv
sampling     drawn samples and their labels
measure      the stage: the tables above, parcels.csv, activity.csv
"""
