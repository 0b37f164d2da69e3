"""The Reddit connector: search, subreddits, our inbox, and a reading feed as a fallback (docs/connectors/reddit.md)."""

from connectors.reddit.connector import Reddit
from connectors.reddit.options import RedditOptions

__all__ = ["Reddit", "RedditOptions"]
