"""What is told from outside conversations: words of ours that name somebody, what came in unread, and where copies are.

Here only what nobody else is called by counts, a handle, an id or the address of a profile: names are not unique.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import Connection, Text, cast, or_, select

from inbox.noise import erasing as noise
from inbox.privacy import of_talks
from inbox.privacy.telling import DECISIONS, Names
from inbox.privacy.telling_rows import Asker, naming, told
from store.forgetting import incoming, unpacked
from store.schema import (
    alert,
    alert_rule,
    author,
    event,
    export_job,
    intake,
    made_file,
    noise_declined,
    noise_rule,
    person,
    person_clue,
    person_suggestion,
    phrase_day,
    quarantine,
    source,
    source_duty,
    top_day,
    unmatched,
)

_DAY = 86_400


def accounts(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Their accounts."""
    query = select(author).where(author.c.id.in_(asker.ids)).order_by(author.c.id)
    return tuple(told(author, row) for row in conn.execute(query))


def noted(conn: Connection, asker: Asker) -> dict[str, Any] | None:
    """What colleagues noted about them, and the steps by which they did."""
    numbers = list(asker.subject.person_ids)
    rows = conn.execute(select(person).where(person.c.id.in_(numbers)).order_by(person.c.id)).all()
    if not rows:
        return None
    about = (event.c.object_type == "person", event.c.object_id.in_([str(one) for one in numbers]))
    steps = conn.execute(select(event).where(*about).order_by(event.c.id))
    return {
        "names": [row.name for row in rows if row.name],
        "notes": [row.notes for row in rows if row.notes],
        "badges": sorted({badge for row in rows for badge in row.badges or ()}),
        "consents": [row.consent for row in rows if row.consent],
        "created_at": [row.created_at for row in rows if row.created_at],
        "updated_at": [row.updated_at for row in rows if row.updated_at],
        "steps": [told(event, row) for row in steps],
    }


def recognised(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Traits by which their accounts are recognised, hashed, and accounts that may be theirs; not whose else."""
    clues = select(person_clue).where(person_clue.c.author_id.in_(asker.ids)).order_by(person_clue.c.clue)
    c = person_suggestion.c
    maybe = select(person_suggestion).where(or_(c.author_id.in_(asker.ids), c.other_id.in_(asker.ids)))
    return (
        *(told(person_clue, row) for row in conn.execute(clues)),
        *(told(person_suggestion, row) for row in conn.execute(maybe.order_by(c.author_id, c.other_id))),
    )


def words(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Words of ours that name them: of hand-overs, rules, themes, templates and whatever else `telling` lists."""
    found = []
    for name, decision in DECISIONS.items():
        if not isinstance(decision, Names):
            continue
        table = author.metadata.tables[name]
        query = select(table).where(naming(table, decision.columns, asker.naming.sure))
        for row in conn.execute(query.order_by(*table.primary_key.columns)):
            said = asker.naming.strings([getattr(row, column) for column in decision.columns])
            if said:
                at = None if decision.at is None else getattr(row, decision.at)
                found.append({"where": name, "at": at, "words": list(said)})
    return (*found, *_steps(conn, asker), *of_talks.elsewhere(conn, asker))


def _steps(conn: Connection, asker: Asker) -> list[dict[str, Any]]:
    """Steps on what is no conversation, and neither a person nor a session, that name them."""
    others = event.c.object_type.not_in(("conversation", "person", "session", "user"))
    query = select(event).where(others, naming(event, ("before", "after", "reason"), asker.naming.sure))
    found = []
    for row in conn.execute(query.order_by(event.c.id)):
        said = asker.naming.strings([row.before, row.after, row.reason])
        if said:
            found.append({"where": row.object_type, "at": row.at, "action": row.action, "words": list(said)})
    return found


def alerts(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Alerts that name them or point to a message of theirs."""
    joined = alert.join(alert_rule, alert_rule.c.id == alert.c.rule_id, isouter=True)
    query = select(alert, alert_rule.c.name.label("rule_name")).select_from(joined).order_by(alert.c.fired_at)
    found = []
    for row in conn.execute(query):
        explained = row.explanation or {}
        shown = {explained.get("first"), *(explained.get("examples") or ())} & asker.said.keys()
        said = asker.naming.strings(explained)
        if shown or said:
            found.append(
                {"alert": row.rule_name, "fired_at": row.fired_at, "words": list(said), "messages": len(shown)}
            )
    return tuple(found)


def noise_rules(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Rules about their accounts, made of a text of theirs, or naming them, and suggestions that were declined."""
    c = noise_rule.c
    mine = {row.id for row in noise.about(conn, asker.subject)}
    texts = {str(one) for one in asker.said}
    maybe = select(noise_rule).where(
        or_(c.id.in_(mine), c.kind == "like", naming(noise_rule, ("value", "shown", "why"), asker.naming.sure))
    )
    rules = [
        {
            "account": row.shown,
            **told(noise_rule, row, "shown", "created_at", "active"),
            "made_at": row.created_at,
            "in_use": row.active,
        }
        for row in conn.execute(maybe.order_by(c.id))
        if row.id in mine
        or (row.kind == "like" and row.value in texts)
        or asker.naming.surely([row.value, row.shown, row.why])
    ]
    d = noise_declined.c
    kept = select(noise_declined).where(d.kind == "author", d.value.in_([str(one) for one in asker.ids]))
    return (*rules, *(told(noise_declined, row) for row in conn.execute(kept)))


def counted(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """Counts of days in which they stand by name, or as one of the busiest."""
    keys = {str(one) for one in asker.ids}
    found = []
    phrases = select(phrase_day).where(naming(phrase_day, ("counts",), asker.naming.sure))
    for row in conn.execute(phrases.order_by(*phrase_day.primary_key.columns)):
        found += [
            {**told(phrase_day, row, "counts", "n_texts"), "what": "phrases", "words": said, "n": n}
            for said, n in orjson.loads(row.counts).items()
            if asker.naming.surely(said)
        ]
    by_id = [cast(top_day.c.counts, Text).contains(f'"{key}"') for key in sorted(keys)]
    tops = select(top_day).where(or_(*by_id, naming(top_day, ("counts",), asker.naming.sure)))
    for row in conn.execute(tops.order_by(*top_day.primary_key.columns)):
        found += [
            {**told(top_day, row, "counts", "n_texts"), "words": "" if said in keys else said, "n": n}
            for said, n in orjson.loads(row.counts).items()
            if (row.what == "authors" and said in keys) or asker.naming.surely(said)
        ]
    return tuple(found)


def came_in(conn: Connection, asker: Asker) -> tuple[dict[str, Any], ...]:
    """What came in and is no message here: that no query matched, that could not be read, that waits to be read.

    Words are told where an address or an id says that they are theirs, and of a page of a platform what is theirs.
    """
    ids = incoming(conn, asker.subject)
    found = []
    for row in conn.execute(select(unmatched).where(unmatched.c.id.in_(ids.unmatched)).order_by(unmatched.c.id)):
        if asker.naming.surely([row.url, row.external_id]):
            found.append({"what": "unmatched", **told(unmatched, row)})
        elif asker.naming.surely([row.title, row.text]):
            found.append({"what": "unmatched_of_others", "source_id": row.source_id, "found_at": row.found_at})
    for row in conn.execute(select(quarantine).where(quarantine.c.id.in_(ids.unread)).order_by(quarantine.c.id)):
        part = _part(asker, unpacked(bytes(row.payload)))
        if part or asker.naming.surely([row.error, row.external_id]):
            error = row.error if asker.naming.surely(row.error) or not row.whole_answer else None
            found.append({"what": "unread", **told(quarantine, row, "error"), "error": error, "words": part})
    for row in conn.execute(select(intake).where(intake.c.id.in_(ids.pushed)).order_by(intake.c.id)):
        part = _part(asker, bytes(row.body or b""))
        if part:
            found.append({"what": "waiting", **told(intake, row), "words": part})
    return tuple(found)


def _part(asker: Asker, body: bytes) -> Any:
    """What in an answer or a delivery is theirs; None where that cannot be told from the rest."""
    with suppress(orjson.JSONDecodeError):
        document = orjson.loads(body)
        return asker.naming.part_of(document) if asker.naming.owns(document) else None
    return None


def copies(conn: Connection) -> tuple[dict[str, Any], ...]:
    """Exports and backups on this machine in which copies may stand; not how they are called, which may name others."""
    made = select(made_file).order_by(made_file.c.made_at, made_file.c.path)
    c = export_job.c
    kept = select(c.ended_at).where(c.file.is_not(None), c.ended_at.is_not(None)).order_by(c.id)
    return (
        *({"kind": row.kind, "written_at": row.made_at} for row in conn.execute(made)),
        *({"kind": "export", "written_at": row.ended_at} for row in conn.execute(kept)),
    )


def sources(conn: Connection, source_ids: Collection[str]) -> tuple[dict[str, Any], ...]:
    """Where it comes from, and how long it is kept there."""
    query = (
        select(source.c.id, source.c.name, source.c.platform, source_duty.c.retention_s, source_duty.c.keep_s)
        .outerjoin(source_duty, source_duty.c.source_id == source.c.id)
        .where(source.c.id.in_(sorted(source_ids)))
        .order_by(source.c.id)
    )
    return tuple(
        {
            "id": row.id,
            "name": row.name,
            "platform": row.platform,
            "kept_days": None if row.retention_s is None else row.retention_s / _DAY,
            "refreshed_or_erased_within_days": None if row.keep_s is None else row.keep_s / _DAY,
        }
        for row in conn.execute(query)
    )
