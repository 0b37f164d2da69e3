"""What the worker does for themes, each safe to repeat and in several workers at once."""

from __future__ import annotations

from datetime import datetime

from inbox.settings import InboxSettings
from inbox.themes import merging
from inbox.themes.backlog import apply_waiting
from inbox.themes.counting import count_phrases
from inbox.themes.relearning import relearn
from store.engine import Store


def link(store: Store, settings: InboxSettings, now: datetime) -> int:
    """Hold queries against older conversations and finish merges; how many conversations were linked."""
    return merging.finish(store) + apply_waiting(store, settings, now)


def count(store: Store, settings: InboxSettings, now: datetime) -> int:
    """Count what was said on days that changed; how many."""
    return count_phrases(store, settings.timezone, now)


def learn(store: Store, now: datetime) -> bool:
    """Learn suggestions anew when there is something to learn; whether it was done."""
    return relearn(store, now)
