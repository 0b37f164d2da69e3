"""Guided connecting, what `klankbord connect` does: `session` is the whole, `walk` drives a connector's steps."""
