"""Excel both ways: workbooks that the house makes, and workbooks that come back filled in.

columns    what a workbook consists of: sheets, columns, kinds, bounds; its fingerprint
layouts    the register of applicants, the dossiers' materials and facts, the score sheets
making     a workbook from a layout, with drop-downs, locks, hints and the hidden mark
mark       the hidden mark: which workbook this is, of which round, signed
package    what a file is before anything opens it: size, zip, password, merged cells
reading    rows and cells, found by their ids
cells      one cell's value by its kind, or what is wrong with it
checking   rows to acts; every fault named by its cell
importing  the acts of a workbook in one transaction: tried, taken back, or kept
annotated  the copy that shows every bad cell
exports    ranking, summary, ledger and register of designated institutions
"""
