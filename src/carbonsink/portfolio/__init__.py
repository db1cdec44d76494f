"""A county's or a province's account: the finished runs of many areas rolled up into one.

find        folders of areas and of runs -> which finished run speaks for each area, or why none does
member      one finished run: its tables, checked against its manifest
overlaps    areas that claim the same land in the same time: neither of the two is counted
land        hectares by category and year, and from category to category
inventory   emissions and removals in the tables of a national inventory; lines: which table each flow stands in
credits     the statements added up exactly, by methodology and vintage
interval    one interval for all areas together, by shared draws
alerts      red lines, contradicted farm records, net losses, stamps
account     all of it: a Portfolio
record      portfolio.json; tables: the CSV files; workbook; page with its map; write: the folder and its manifest
"""

from carbonsink.portfolio.account import Portfolio as Portfolio
from carbonsink.portfolio.account import roll_up as roll_up
from carbonsink.portfolio.write import write as write
