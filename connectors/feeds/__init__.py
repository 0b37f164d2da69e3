"""Feeds: RSS, RDF, Atom and JSON Feed. The way in is `FeedsConnector`."""

from connectors.feeds.connector import FeedsConnector
from connectors.feeds.options import FeedsOptions

__all__ = ["FeedsConnector", "FeedsOptions"]
