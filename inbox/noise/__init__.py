"""Noise: authors, sites, words and texts that a team does not want in its queue. Nothing is lost, all can come back.

A noise rule is one entry of a list that may hold ten thousand of them, so it is looked up (`index`) and not asked in
turn. What it does is a hit of a rule like any other: written, shown and taken back by `inbox.rules.hits`.
"""
