"""The Bluesky connector: search, notifications, own posts and the stream (docs/connectors/bluesky.md)."""

from connectors.bluesky.connector import Bluesky
from connectors.bluesky.options import BlueskyOptions

__all__ = ["Bluesky", "BlueskyOptions"]
