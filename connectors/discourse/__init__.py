"""The Discourse connector: the own forum, or one we are a member of (docs/connectors/discourse.md)."""

from connectors.discourse.connector import Discourse
from connectors.discourse.site import DiscourseOptions

__all__ = ["Discourse", "DiscourseOptions"]
