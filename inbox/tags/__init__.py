"""Tags as a vocabulary of the team: what each means, how often it is used, renaming, joining and retiring them.

Putting a tag on one conversation is a step of that conversation and stands in `inbox.annotate`, as does the one
function that says how a tag is spelled.
"""
