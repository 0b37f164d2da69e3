"""The detail: one conversation, read from top to bottom, with everything that can be decided about it.

`pane.draw` is the way in; each other room draws one part of it.
"""
