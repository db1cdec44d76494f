"""workbook.xlsx: a sheet a stage, with live formulas from activity and factors to the tonnes issued."""
