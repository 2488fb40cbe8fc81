"""The predicates that the table of agreements names, a module for each subject. Each answers whether its row is taken,
or refuses with a sentence.

Every act with consequences names a second person (`confirmed_by`), who is not the first: `tasks.acts.performance` sees
that both are on the staff list.
"""
