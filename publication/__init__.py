"""What the public sees: notices, the record of the draw and the results, as a static site without scripts.

Everything is read from the database; the same data give the same bytes. Nothing here writes a legal fact.
"""
