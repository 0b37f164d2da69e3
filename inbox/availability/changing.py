"""Changing availability and plans, each with its line in the record of people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import people_log
from inbox.availability.state import LONGEST_AWAY
from inbox.business_time import parse_hours
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence, UnfitValueError
from store.schema import user_account

KINDS = ("lang", "platform", "tag", "brand")
MOST_SKILLS = 50
MOST_OPEN = 1000
_SKILL = re.compile(rf"({'|'.join(KINDS)}):(\S[^\x00-\x1f]{{0,99}})")


def set_away(desk: Desk, user_id: int, *, away: bool, until: datetime | None, actor_id: int) -> bool:
    """Away (until an instant, or until further notice), or back; False when that is how it stood.

    Raises:
        NotFound: no such active person.
        BadInput: `until` is naive, past, or more than a year ahead.
    """
    now = desk.clock()
    if until is not None and (until.tzinfo is None or not now < until <= now + LONGEST_AWAY):
        raise BadInput(Sentence("Choose a moment in the future, at most a year from now."), until=until)
    state = "away" if away else "available"
    ends = until.astimezone(UTC) if away and until is not None else None
    with desk.store.write() as conn:
        row = _person(conn, user_id)
        if (row.availability, row.away_until) == (state, ends):
            return False
        _set(conn, user_id, availability=state, away_until=ends)
        facts = {"until": ends.isoformat()} if ends else {}
        people_log.record(desk, conn, state, user_id, actor_id=actor_id, **facts)
    return True


def plan(
    desk: Desk,
    user_id: int,
    *,
    hours: str | None,
    skills: Sequence[str],
    most_open: int | None,
    actor_id: int,
) -> None:
    """Set somebody's planned hours, skills and limit.

    Raises:
        NotFound: no such active person.
        BadInput: hours, a skill or a limit that cannot be used.
    """
    clean_hours = _clean_hours(hours)
    clean_skills = clean_skill_list(skills)
    if most_open is not None and not 0 <= most_open <= MOST_OPEN:
        raise BadInput(
            Sentence("A limit is 0 to {most} conversations; leave it empty for none.", most=MOST_OPEN),
            most_open=most_open,
        )
    values = {"hours": clean_hours, "skills": clean_skills, "most_open": most_open}
    with desk.store.write() as conn:
        row = _person(conn, user_id)
        before = {"hours": row.hours, "skills": list(row.skills or ()), "most_open": row.most_open}
        changed = {name: value for name, value in values.items() if before[name] != value}
        if changed:
            _set(conn, user_id, **changed)
            people_log.record(desk, conn, "planned", user_id, actor_id=actor_id, **changed)


def clean_skill_list(skills: Sequence[str]) -> list[str]:
    """Skills as they are kept: `kind:value` in lower case, sorted, each once.

    Raises:
        BadInput: a word that is no skill.
    """
    found = set()
    for skill in skills:
        clean = " ".join(skill.split()).casefold()
        if not clean:
            continue
        if not _SKILL.fullmatch(clean):
            raise BadInput(
                Sentence(
                    "“{skill}” is no skill; write one like lang:de, platform:mastodon, tag:billing or brand:northwind.",
                    skill=skill,
                ),
                skill=skill,
            )
        found.add(clean)
    if len(found) > MOST_SKILLS:
        raise BadInput(Sentence("At most {most} skills.", most=MOST_SKILLS))
    return sorted(found)


def _clean_hours(hours: str | None) -> str | None:
    if hours is None or not hours.strip():
        return None
    try:
        parse_hours(hours)
    except UnfitValueError as error:
        raise BadInput(error.said, hours=hours) from error
    return " ".join(hours.split()).lower()


def _person(conn: Connection, user_id: int) -> Row[Any]:
    wanted = select(user_account).where(user_account.c.id == user_id, user_account.c.active).with_for_update()
    row = conn.execute(wanted).first()
    if row is None:
        raise NotFound(what="colleague", key=user_id)
    return row


def _set(conn: Connection, user_id: int, **values: Any) -> None:
    conn.execute(user_account.update().where(user_account.c.id == user_id).values(**values))
