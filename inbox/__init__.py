"""Inbox: the work itself: conversations, claims, people and figures, without a screen.

`inbox.service.Inbox` is the way in for screens; `inbox.clockwork` is what the worker runs; `inbox.people` serves the
command line.
"""
