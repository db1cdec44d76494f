"""Stage 1: search once, freeze the items, fetch their assets, cut verified chips, balance every pixel.

lock.search  ->  lock.json  ->  fetch.fetch  ->  chips/<item>/<band>.tif, scenes.csv, pixel_budget.csv
"""
