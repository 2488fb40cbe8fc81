"""Official documents from the records: PDF/A in the layout of GB/T 9704, and docx where an official edits them.

The same data give the same bytes. Applicants' text is handed over as data and never becomes markup; every document is
dated by the fact that it tells, never by the day of printing.
"""
