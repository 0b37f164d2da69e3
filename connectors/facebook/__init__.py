"""The Facebook connector: a page's posts, comments, reviews and messages (docs/connectors/facebook.md)."""

from connectors.facebook.connector import Facebook
from connectors.facebook.options import FacebookOptions

__all__ = ["Facebook", "FacebookOptions"]
