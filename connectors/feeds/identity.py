"""Which entry is which: ids that stay the same over runs, also where a feed gives none or gives one twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.dates import EARLIEST, read_date
from connectors.feeds.document import Entry

#: Longer ids are replaced by their hash; no index of the store needs to carry them.
LONGEST_ID = 500


def entry_id(entry: Entry) -> str:
    """The feed's id, else the link, else a hash of what the entry says.

    Raises:
        ValueError: the entry has nothing to know it by.
    """
    if entry.id:
        return entry.id if len(entry.id) <= LONGEST_ID else "sha256:" + _hash(entry.id)
    if entry.link:
        return entry.link if len(entry.link) <= LONGEST_ID else "sha256:" + _hash(entry.link)
    said = [" ".join(part.split()) for part in (entry.title, entry.published, entry.html or entry.text or "")]
    if not any(said):
        msg = "the entry has no id, no link, no title and no text"
        raise ValueError(msg)
    return "sha256:" + _hash("|".join(said))


def mark(text: str) -> str:
    """A short hash under which ids are remembered in the source's state."""
    return _hash(text)[:16]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def tell_apart(
    entries: Sequence[tuple[str, Entry]], *, atom: bool, last_seen: Mapping[str, str], owners: Mapping[str, str]
) -> tuple[list[str | None], dict[str, str]]:
    """Give entries that share an id one of their own each.

    Feeds exist whose every entry carries the id of the site. The entry that had the id first keeps it; the
    others get the id with a hash of link and date behind it. Who was first is remembered, because the first
    leaves the window before the others. In Atom, entries with one id and one link are versions of one entry
    (RFC 4287, section 4.1.1): the newest stands.

    Args:
        entries: id and entry, in the order of the feed.
        atom: the feed is Atom.
        last_seen: `mark(id)` to `mark` of link and date, of the last window.
        owners: the same for ids known to be shared.

    Returns:
        For each entry its id, or None for one that says the same as another; and the new `owners`.
    """
    groups: dict[str, list[int]] = {}
    for position, (base, _) in enumerate(entries):
        groups.setdefault(base, []).append(position)
    ids: list[str | None] = [base for base, _ in entries]
    known = dict(owners)
    for base, positions in groups.items():
        if len(positions) == 1 and mark(base) not in known:
            continue
        keys = {position: content_key(entries[position][1], atom=atom) for position in positions}
        standing = _standing(entries, positions, keys)
        if len(standing) == 1 and mark(base) not in known:
            first = keys[standing[0]]
        else:  # feeds put the newest on top, so the last one was there first
            first = known.setdefault(mark(base), last_seen.get(mark(base), keys[standing[-1]]))
        for position in positions:
            if position not in standing:
                ids[position] = None
            elif keys[position] != first:
                ids[position] = f"{base[: LONGEST_ID - 17]}#{keys[position]}"
    return ids, known


def content_key(entry: Entry, *, atom: bool) -> str:
    """What tells entries of one id apart: the link, and outside Atom the date as written; else the title."""
    parts = (entry.link or "", "" if atom else entry.published)
    return mark("|".join(parts) if any(parts) else entry.title)


def _standing(entries: Sequence[tuple[str, Entry]], positions: list[int], keys: Mapping[int, str]) -> list[int]:
    """One position per key: the one changed last; of equals the first."""
    best: dict[str, int] = {}
    for position in positions:
        holder = best.setdefault(keys[position], position)
        if _changed(entries[position][1]) > _changed(entries[holder][1]):
            best[keys[position]] = position
    return sorted(best.values())


def _changed(entry: Entry) -> datetime:
    return read_date(entry.updated or entry.published) or EARLIEST
