"""The printed documents, as PDF: the report, the project design document's skeleton, the certificate of a block of units.

text          words and markup as nodes; the typesetter is only ever given data, never source made of anybody's words
mathematics   formulas as nodes, in letters and with values put in
blocks        what a section is made of: headings, tables, figures, facts, equations
columns       the widths of a table's columns
beside        what stands beside a statement: plausibility, checklist, what is foreseen, money
sections      T1 to T12 from the facts of `report/parts`
report        report.<language>.pdf;  design  pdd.<language>.pdf;  certificate  a page a state of units
typeset       nodes and a template made into PDF/A-2a and PDF/UA-1, the same bytes each time
"""
