"""The customer behind the accounts: badges, notes, all contact over channels, and who may be one person.

The way in is `inbox.persons.door.Persons`. Nobody is ever merged without somebody saying yes.
"""
