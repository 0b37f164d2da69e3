"""The Instagram connector: comments on own media, tags, hashtags and messages (docs/connectors/instagram.md)."""

from connectors.instagram.connector import Instagram
from connectors.instagram.options import InstagramOptions

__all__ = ["Instagram", "InstagramOptions"]
