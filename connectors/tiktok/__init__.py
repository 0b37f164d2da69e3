"""The TikTok connector: comments under own videos (docs/connectors/tiktok.md)."""

from connectors.tiktok.account import TikTokOptions
from connectors.tiktok.connector import TikTok

__all__ = ["TikTok", "TikTokOptions"]
