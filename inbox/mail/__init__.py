"""Mail of ours: what it says, for whom it is queued, and what became of it.

`notify` is how other rooms tell a colleague something by mail; `door.MailDoor` is for the screens. Sending is done
elsewhere, from the queue in the store.
"""
