"""What an area hands in as measured: declarations, settings of the library, and tables read and checked, every problem at once.

declarations  area.toml [soil_samples], [census], [stocking]
settings      library/measured/settings.toml
table         a CSV that people hand in -> rows with texts, numbers and days
soil          soil samples and their sites; controls: what VM0042 Table 7 asks of control sites
census        planting units that were sampled
stocking      plots of the project and of the donor pool with their stocking index
problems      everything wrong with the three, for `carbonsink check`
"""
