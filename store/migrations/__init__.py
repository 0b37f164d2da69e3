"""Migrations of the schema; `store.migrate` runs them."""
