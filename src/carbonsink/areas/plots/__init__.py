"""Plots: biomass per hectare of strata from measured trees, with its uncertainty and what that takes off.

inventory   plots.csv and trees.csv as people hand them in -> checked plots
trees       diameter and height -> biomass of a tree, of a plot
means       plots -> mean of the strata: stratified, two-phase, by regression on images
change      two inventories -> change, of the same plots or of others
discount    uncertainty -> discount
imagery     image features at the plots and over the strata
stage       areas/plots.csv
"""
