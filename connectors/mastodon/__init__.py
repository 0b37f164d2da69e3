"""The Mastodon connector: hashtags, search and own notifications on several instances (docs/connectors/mastodon.md)."""

from connectors.mastodon.connector import Mastodon
from connectors.mastodon.instance import InstanceOptions, MastodonOptions

__all__ = ["InstanceOptions", "Mastodon", "MastodonOptions"]
