"""Stage 8: the run's tables in words, figures and live formulas.

results    everything the earlier stages wrote, read once
stamps     what must be said on page one
record     report.json
parts      what each section says, in one language; page and document read the same
drawings   maps and charts as SVG, drawn once, labelled in every language
page       report.html
workbook   workbook.xlsx
"""
