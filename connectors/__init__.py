"""Connectors: one small, pure module per platform: what to ask, how to read the answer."""
