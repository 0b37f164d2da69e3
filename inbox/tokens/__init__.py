"""Tokens with which other programs use the API: made by administrators, narrowed by scopes, ended at any time."""
