"""Writing an answer: drafts that are never lost, templates, and the guard before something is published.

The way in is `door.Writing`, which hangs under `Inbox` as `inbox.writing`. Sending itself is `inbox.replies`.
"""
