"""Measured numbers: what the field and matched controls say, as symbols that equations ask for, each with its interval.

rows       a change between two days -> its part of every vintage, with its interval
forest     plots.csv, plot_changes.csv -> tree_carbon_gain (AR-TOOL14)
masses     cores or bulk density -> soil mass; stocks on one soil mass (VM0042 section 8.2.1.6)
change     two campaigns -> change, less that of the controls; power analysis; uncertainty
soil       soil samples -> soc_gain_measured (VM0042, approach 2)
census     counted and sampled planting units -> tree_carbon_gain (VM0047, census approach)
matching   plots and donors -> matched controls, weights, balance (VM0047, Appendix 1)
benchmark  series of matched sets -> slopes, Z, performance benchmark
stocking   stocking indices -> performance_benchmark
stage      areas/measured.csv, and beside it what the three modules *_evidence tell a verifier: sites, census days, matches, balance, slopes
"""
