"""What people see of the records: the board's lists, a case, what can be done next, the pages that runs leave."""
