"""Exports as jobs: asked for on screen or by a schedule, made by the worker, kept for a while, fetched by who asked.

`making` writes files, `starting` and `scheduling` ask for them, `door.Exports` is for the screens. What a file looks
like is decided in `inbox.export`; copies to folders and object stores are delivered elsewhere, from the store.
"""
