"""Where a number of the report comes from, as a tree of sentences in one language.

node       one sentence with those it stands on, and the compact form a page carries
evidence   the run's tables that a tree walks through, read once
statement  vintages, accounts and their sums, each down to its flows or its rule
rules      deductions: the rule, the interval it read, where the variance comes from
numbers    a worksheet row, its equation and every number in it
land       hectares, parcels, points, classes, composites and scenes
measured   what was measured in the field, or modelled
asked      the figures a page lets its reader click, with their trees

`carbonsink explain` prints these trees and the page shows them, so both say the same.
"""
