"""Teams made on screen, beside those that the configuration declares: hours, holidays, other days, promised times.

The way in is `inbox.workspace.door.Workspace`. Everybody else reads teams through `Desk.settings`, which holds both.
"""
