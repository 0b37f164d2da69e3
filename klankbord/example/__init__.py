"""The example brand: an invented energy company, invented people, ninety days of what they say and how it was handled.

Everything is made by a seeded generator and read through the real connectors, so that the inbox on a fresh machine
lives without internet, credentials or anybody's personal data.
"""
