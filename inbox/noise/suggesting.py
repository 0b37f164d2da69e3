"""Suggestions: noise rules that agents' own marks speak for, each with what it would have done. Nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.noise import dry_run, keeping
from inbox.noise.dry_run import NOT_ABOUT_US, stand_of
from inbox.noise.index import Entry, Kind, account_value
from inbox.noise.learning import Evidence, Sample, learn
from inbox.noise.views import NoiseDraft, Stand, Suggestion
from inbox.views import CurrentUser
from store import noise
from store.schema import author, noise_declined
from understanding.sites import sites_in

LEARNS_FROM = timedelta(days=90)
TRIED_DAYS = 30
MOST = 20
_MOST_NOISE = 2_000
_MOST_GOOD = 4_000
_MOST_TRIED = 5_000
_FRESH_S = 300.0
_OPEN = ("open", "waiting_customer", "waiting_internal", "snoozed", "resolved")


def suggestions(desk: Desk) -> tuple[Suggestion, ...]:
    """What is worth a rule, at most 20; without what is a rule already, or was declined and has not doubled since.

    The marks are read every five minutes at most.
    """
    return tuple(one for one, _value in _standing(desk))


def accept(desk: Desk, user: CurrentUser, key: tuple[Kind, str]) -> int:
    """Make the rule that is suggested; gives its id.

    Raises:
        NotFound: it is suggested no more, or the author was erased.
    """
    one, value = _of(desk, key)
    with desk.store.write() as conn:
        if one.draft.kind is Kind.AUTHOR and str(int(key[1])) not in _authors(conn, [int(key[1])]):
            raise NotFound(what="suggestion", key=key[1])
        made, _new = keeping.make(desk, conn, user, one.draft, value=value, origin="suggestion")
    return made


def decline(desk: Desk, user: CurrentUser, key: tuple[Kind, str]) -> None:
    """Say no to a suggestion; it comes back when twice as many marks speak for it.

    Raises:
        NotFound: it is suggested no more.
    """
    one, _value = _of(desk, key)
    kind, value = key[0].value, key[1]
    row = {"n_noise": one.n_noise, "declined_by": user.id, "declined_at": desk.clock()}
    with desk.store.write() as conn:
        conn.execute(noise_declined.delete().where(noise_declined.c.kind == kind, noise_declined.c.value == value))
        conn.execute(noise_declined.insert().values(kind=kind, value=value, **row))
        keeping.record(desk, conn, user, 0, "noise_declined", kind=kind, n_noise=one.n_noise)


def _standing(desk: Desk) -> list[tuple[Suggestion, str]]:
    found = desk.recent.get("noise_suggestions", desk.clock(), seconds=_FRESH_S, read=lambda: _read(desk))
    with desk.store.read() as conn:
        rules = {(one.kind, one.value) for one in noise.standing_rules(conn)}
        declined = {(row.kind, row.value): row.n_noise for row in conn.execute(select(noise_declined))}
    return [
        (one, value)
        for one, value in found
        if (one.key[0], value) not in rules and one.n_noise >= 2 * declined.get((one.key[0].value, one.key[1]), 0)
    ]


def _of(desk: Desk, key: tuple[Kind, str]) -> tuple[Suggestion, str]:
    found = next((each for each in _standing(desk) if each[0].key == key), None)
    if found is None:
        raise NotFound(what="suggestion", key=key[1])
    return found


def _read(desk: Desk) -> tuple[tuple[Suggestion, str], ...]:
    """Suggestions with the value that each would look up."""
    since = desk.clock() - LEARNS_FROM
    with desk.store.read() as conn:
        evidence = learn(*_samples(conn, since))[:MOST]
        about = _authors(conn, [int(one.value) for one in evidence if one.kind is Kind.AUTHOR])
    drafts = [(one, *_draft(one, about)) for one in evidence if one.kind is not Kind.AUTHOR or one.value in about]
    entries = [
        Entry(number, draft.kind, value, platform=draft.platform) for number, (_one, draft, value) in enumerate(drafts)
    ]
    trials = dry_run.trial(desk, entries, days=TRIED_DAYS, limit=_MOST_TRIED)
    return tuple(
        (
            Suggestion(
                key=(one.kind, one.value),
                draft=draft,
                n_noise=one.n_noise,
                n_good=one.n_good,
                share=one.share,
                z=one.z,
                trial=trial,
            ),
            value,
        )
        for (one, draft, value), trial in zip(drafts, trials, strict=True)
    )


def _samples(conn: Connection, since: Any) -> tuple[list[Sample], list[Sample]]:
    """What people marked as noise, and what they kept."""
    closed = noise.decided(conn, ("spam", "ignored"), since=since, limit=_MOST_NOISE)
    meant = [row for row in closed if row.status == "spam" or row.status_reason == NOT_ABOUT_US]
    by_hand = noise.marked_by_hand(conn, [row.id for row in meant])
    kept = noise.decided(conn, _OPEN, since=since, limit=_MOST_GOOD)
    good = [row for row in kept if stand_of(row) is Stand.GOOD]
    return [_sample(row) for row in meant if row.id in by_hand], [_sample(row) for row in good]


def _sample(row: Row[Any]) -> Sample:
    return Sample(row.id, row.author_id, sites_in(row.url, row.text), f"{row.title or ''} {row.text}")


def _authors(conn: Connection, ids: Sequence[int]) -> dict[str, Row[Any]]:
    wanted = select(author.c.id, author.c.platform, author.c.external_id, author.c.handle, author.c.name)
    rows: list[Row[Any]] = list(conn.execute(wanted.where(author.c.id.in_(ids)))) if ids else []
    return {str(row.id): row for row in rows}


def _draft(one: Evidence, about: dict[str, Row[Any]]) -> tuple[NoiseDraft, str]:
    if one.kind is not Kind.AUTHOR:
        return NoiseDraft(one.kind, one.value), one.value
    row = about[one.value]
    shown = f"@{row.handle}" if row.handle else row.name or row.external_id
    return NoiseDraft(Kind.AUTHOR, shown, platform=row.platform), account_value(row.external_id)
