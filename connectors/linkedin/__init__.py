"""The LinkedIn connector: comments under a page's posts, and mentions of it (docs/connectors/linkedin.md)."""

from connectors.linkedin.connector import LinkedIn
from connectors.linkedin.page import LinkedInOptions

__all__ = ["LinkedIn", "LinkedInOptions"]
