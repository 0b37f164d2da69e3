"""The X connector: search, mentions, replies under own posts and direct messages (docs/connectors/x.md)."""

from connectors.x.connector import X
from connectors.x.options import XOptions

__all__ = ["X", "XOptions"]
