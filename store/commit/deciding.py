"""What becomes of each record of a page. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from store.commit.known import Identity, KnownMention, identity
from store.records import CONTEXT, MentionRecord

# Seeing the same unchanged item at each poll must not cost a write each time.
SEEN_EVERY = timedelta(hours=6)
# A deleted item that an index still lists shortly after stays deleted; seen later than this it was restored.
RESTORED_AFTER = timedelta(hours=1)
# An item that changes at every poll (a page that contains the time) keeps so many old texts, no more.
MAX_EDITS = 50
# A fall of the rating by this much (0-1; one star of five and a bit) needs an answer.
RATING_FALL = 0.25
OLD = "old"
FLAPPING = "flapping"
ADDRESSED = "addressed"
ALONE = "alone"
"""Flag of what somebody said is no copy: it never folds again."""
# What the first sight told and no later one can take back: an edit, a search or a question by id does not know by which
# way a message came, or what it stood above. The dates are those of the first sight (`edits`).
LASTING = frozenset({OLD, FLAPPING, CONTEXT, ADDRESSED, ALONE, "date_future", "date_missing"})


class Fate(Enum):
    """What a record is to the store."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a mention stands in time. Instants aware UTC; `old` items are kept but make no work."""

    sort_at: datetime
    old: bool
    flags: tuple[str, ...]


def place(record: MentionRecord, *, seen_at: datetime, archive_after_s: int | None) -> Placed:
    """Sort time, age and flags of a new mention: a missing or future date counts as now and is flagged."""
    flags = dict.fromkeys(record.flags)
    published = record.published_at
    if published is None:
        flags["date_missing"] = None
        return Placed(seen_at, old=CONTEXT in flags, flags=tuple(flags))
    if published > seen_at:
        flags["date_future"] = None
        return Placed(seen_at, old=CONTEXT in flags, flags=tuple(flags))
    late = archive_after_s is not None and seen_at - published > timedelta(seconds=archive_after_s)
    old = late or CONTEXT in flags
    if old:
        flags[OLD] = None
    return Placed(published, old=old, flags=tuple(flags))


def fold_page(records: Sequence[MentionRecord]) -> list[MentionRecord]:
    """One record per identity: of two sights in one page the later edit counts, else the later in the page.

    Brands are united: two queries may have found the same item.
    """
    folded: dict[Identity, MentionRecord] = {}
    for record in records:
        before = folded.get(identity(record))
        if before is None:
            folded[identity(record)] = record
            continue
        newer = before if _is_older(record.edited_at, before.edited_at) else record
        brands = tuple(dict.fromkeys((*before.brand_ids, *record.brand_ids)))
        folded[identity(record)] = newer if newer.brand_ids == brands else replace(newer, brand_ids=brands)
    return list(folded.values())


def decide(record: MentionRecord, known: KnownMention | None, *, seen_at: datetime) -> Fate:
    """New, changed or unchanged. An older version that arrives late (a cache, another page) changes nothing."""
    if known is None:
        return Fate.NEW
    if known.deleted_at is not None:
        return Fate.CHANGED if seen_at - known.deleted_at > RESTORED_AFTER else Fate.UNCHANGED
    if record.content_hash == known.content_hash or _is_older(record.edited_at, known.edited_at):
        return Fate.UNCHANGED
    return Fate.CHANGED


def flags_after(record: MentionRecord, known: KnownMention) -> tuple[str, ...]:
    """Flags of a changed mention: those of the new sight, and the `LASTING` ones of all before."""
    flags = dict.fromkeys(record.flags)
    flags |= {flag: None for flag in known.flags if flag in LASTING}
    if CONTEXT not in known.flags:
        flags.pop(CONTEXT, None)  # what is work already does not become what merely stands above something
    if known.revision >= MAX_EDITS:
        flags[FLAPPING] = None
    return tuple(flags)


def extra_after(record: MentionRecord, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Handles of a mention that was asked about by its id: what the answer does not know stays as it came."""
    return {**kept, **record.extra}


def counts_of(record: MentionRecord, known: KnownMention) -> tuple[int | None, ...] | None:
    """The counts to write when the platform tells others than are kept; what it does not tell stays."""
    told = (record.likes, record.replies, record.shares, record.views)
    wanted = tuple(new if new is not None else old for new, old in zip(told, known.counts, strict=True))
    return None if wanted == known.counts else wanted


def _is_older(edited_at: datetime | None, than: datetime | None) -> bool:
    """Whether an edit instant is before another; never edited is before any edit."""
    return than is not None and (edited_at is None or edited_at < than)
