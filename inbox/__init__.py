"""Inbox: the work itself: conversations, claims, people and figures, without a screen."""
