"""Automation rules: what a team has decided once, done for every message. Never counted as a person.

`language` is what a rule says, `evaluate` and `walk` judge it over plain values, `hits` writes what it does; `routing`
is the way in from the worker and `door` the one for screens.
"""
