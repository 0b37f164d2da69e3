"""The REST API: how other programs read this workspace, and push messages into it."""
