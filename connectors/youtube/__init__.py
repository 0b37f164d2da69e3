"""The YouTube connector: comments on our channel and chosen videos, and search (docs/connectors/youtube.md)."""

from connectors.youtube.connector import YouTube
from connectors.youtube.options import YouTubeOptions

__all__ = ["YouTube", "YouTubeOptions"]
