"""Reports: what a week or a month came to, kept as it was, readable by people who have no account."""
