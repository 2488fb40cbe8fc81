"""A round played on virtual days, for practice and for show."""
