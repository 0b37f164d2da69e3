"""The Threads connector: replies to own threads, mentions and search (docs/connectors/threads.md)."""

from connectors.threads.connector import Threads
from connectors.threads.options import ThreadsOptions

__all__ = ["Threads", "ThreadsOptions"]
