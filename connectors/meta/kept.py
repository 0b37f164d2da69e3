"""Reading entries one by one, each with what its own JSON lacks, so that a kept one can be read again on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from connectors.fields import as_object, part
from connectors.items import Item, Json, Rejected

OURS = "klankbord"
"""Key under which a kept entry carries what is known from around it."""

Read = Callable[[dict[str, Json]], Item]


def read_each(
    entries: Sequence[Json], around: Mapping[str, Json], read: Read
) -> tuple[tuple[Item, ...], tuple[Rejected, ...]]:
    """Read every entry; the unreadable ones are set aside with what is needed to try again."""
    items: list[Item] = []
    rejected: list[Rejected] = []
    for entry in entries:
        kept: Json = {**entry, OURS: dict(around)} if isinstance(entry, dict) else entry
        try:
            items.append(read(as_object(kept, "the entry")))
        except ValueError as error:
            key = entry.get("id") if isinstance(entry, dict) else None
            rejected.append(Rejected(str(error), kept, key if isinstance(key, str) and key else None))
    return tuple(items), tuple(rejected)


def around_of(entry: dict[str, Json]) -> dict[str, Json]:
    """What a kept entry carries of its surroundings."""
    return part(entry, OURS)


def may(entry: dict[str, Json], key: str) -> bool:
    """A right that the platform does not deny; where it says nothing, it refuses for itself when asked."""
    return entry.get(key) is not False
