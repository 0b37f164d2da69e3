"""What an export asks of the store: filters of screens, who takes it out, and what platforms hold back of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox import searching
from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.export.form import Withheld
from inbox.sentences import Sentence
from inbox.views import EVERYTHING, CurrentUser, Filters
from store.export_filter import Asked, ExportFilter
from store.export_mentions import expected as expected_mentions
from store.export_mentions import held_back
from store.export_shape import Batch, Snapshot, snapshot
from store.export_tables import TABLES, Table
from store.handing import IDS_ONLY, Recipient, Rule, rules


def table_of(name: str) -> Table:
    """The table of that name.

    Raises:
        BadInput: there is none.
    """
    if name not in TABLES:
        raise BadInput(Sentence("There is no table {name} to export.", name=name))
    return TABLES[name]


def filter_of(desk: Desk, filters: Filters) -> ExportFilter:
    """The store's filter.

    Raises:
        BadSearch: the search cannot be read.
    """
    parsed = searching.parse(filters.search)
    return ExportFilter(
        since=filters.since,
        until=filters.until,
        source_ids=filters.source_ids,
        langs=filters.langs,
        kinds=filters.kinds,
        sentiments=filters.sentiments,
        brand_ids=filters.brand_ids,
        statuses=filters.statuses,
        priorities=filters.priorities,
        whys=filters.whys,
        team_id=filters.team_id,
        assignee_id=filters.assignee_id,
        unanswered=filters.unanswered,
        tags=filters.tags,
        theme_ids=filters.theme_ids,
        text=None if parsed is None else searching.search_of(parsed, ZoneInfo(desk.settings.timezone)),
    )


def possible(filters: Filters) -> None:
    """Look whether a filter can find anything at all.

    Raises:
        BadInput: its days stand the wrong way round.
    """
    if filters.since is not None and filters.until is not None and filters.since >= filters.until:
        raise BadInput(Sentence("The last day lies before the first: nothing can be found so."))


def told(filters: Filters) -> Mapping[str, Any]:
    """What a filter asks for, for people to read back."""
    plain = asdict(EVERYTHING)
    return {name: value for name, value in asdict(filters).items() if value != plain[name]}


def recipient(desk: Desk, actor: CurrentUser | None) -> Recipient:
    """Whoever exports on the command line is one person: nobody knows who it is."""
    return Recipient("command" if actor is None else str(actor.id), desk.clock().date())


def now(desk: Desk) -> Snapshot:
    """The bounds of an export that starts now."""
    with desk.store.read() as conn:
        return snapshot(conn)


def expected(desk: Desk, table: str, filters: Filters, bound: Snapshot) -> int | None:
    """How many rows there will be, for a progress bar; None where only reading them tells."""
    if table != "mentions":
        return None
    with desk.store.read() as conn:
        return expected_mentions(conn, filter_of(desk, filters), bound)


def outlook(desk: Desk, filters: Filters, *, actor: CurrentUser | None = None) -> tuple[Withheld, ...]:
    """What an export of mentions by this person would hold back now, by source, taking nothing out; a search aside.

    Raises:
        BadSearch: the search cannot be read.
    """
    with desk.store.read() as conn:
        up_to = snapshot(conn).mention_id
        held = held_back(conn, filter_of(desk, filters), recipient(desk, actor), up_to=up_to)
    found = (
        _withheld(
            one.rule,
            one.found if one.rule.per_day is None else 0,
            0 if one.rule.per_day is None else max(0, one.found - one.left),
        )
        for one in held
    )
    return tuple(one for one in found if one.left_out or one.ids_only)


class Held:
    """What platforms hold back of an export, counted while it runs."""

    def __init__(self, conn: Connection, table: Table, asked: Asked) -> None:
        names = [column.name for column in table.columns]
        self._flags = names.index("flags") if "flags" in names else None
        self._by = "source_id" if "source_id" in names else "platform"
        self._places = names.index(self._by) if self._flags is not None else 0
        self._rules: list[Rule] = sorted(rules(conn).values(), key=lambda one: one.source_id)
        self._ids_only: Counter[str] = Counter()
        self._left_out: Mapping[str, int] = {}
        if not self._rules:
            return
        if table.left_out is not None:
            self._left_out = table.left_out(conn, asked.wanted, asked.bound.mention_id)
        elif table.name == "mentions":
            held = held_back(conn, asked.wanted, asked.to, up_to=asked.bound.mention_id)
            self._left_out = {one.rule.source_id: one.found for one in held if one.rule.per_day is None}

    def counted(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The same rows; those that left as ids only are counted."""
        for batch in batches:
            if self._rules and self._flags is not None:
                flags, keys = batch.columns[self._flags], batch.columns[self._places]
                self._ids_only.update(key for key, one in zip(keys, flags, strict=True) if IDS_ONLY in one)
            yield batch

    @property
    def so_far(self) -> tuple[Withheld, ...]:
        """By source; complete at the end. Authors belong to a platform: they stand with its first source."""
        left = Counter(self._ids_only)
        found = [
            _withheld(
                rule,
                self._left_out.get(rule.source_id, 0),
                left.pop(rule.source_id if self._by == "source_id" else rule.platform, 0)
                if rule.per_day is not None
                else 0,
            )
            for rule in self._rules
        ]
        return tuple(one for one in found if one.left_out or one.ids_only)


def _withheld(rule: Rule, left_out: int, ids_only: int) -> Withheld:
    return Withheld(rule.source_id, rule.name, left_out, ids_only, rule.per_day, rule.basis)
