"""Coming in and one's own account: second factors, own sessions and password, links by mail, the record of people.

`door.AccessDoor` is the way in. `codes` is pure; the other rooms are thin over the store.
"""
