"""Pipeline: from a platform's answer to a stored, enriched mention; scheduling; manners."""
