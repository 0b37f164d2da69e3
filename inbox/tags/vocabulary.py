"""What the team agreed about its tags: describing, retiring and deleting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from inbox import events
from inbox.annotate import clean_tag
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.rules.routing import draft_of
from inbox.sentences import Sentence
from inbox.tags.views import COLOURS, TagRow
from inbox.views import CurrentUser
from store import ruling, tagging
from store.schema import tag

TAG = "tag"
LONGEST_DESCRIPTION = 500


def listing(desk: Desk) -> tuple[TagRow, ...]:
    """Every tag that is described or used, most used first; retired ones at the end."""
    with desk.store.read() as conn:
        rows = _rows(conn)
    return tuple(sorted(rows, key=lambda one: (one.archived_at is not None, -one.n, one.tag)))


def describe(desk: Desk, user: CurrentUser, name: str, *, description: str, colour: str | None) -> str:
    """Say what a tag means and how it looks; makes the tag when it is new. Gives it as it is kept.

    Raises:
        BadInput: not a tag, a description that is too long, or a colour there is not.
    """
    clean = clean_tag(name)
    said = " ".join(description.split())
    if len(said) > LONGEST_DESCRIPTION:
        raise BadInput(
            Sentence(
                "A description has at most {most} characters; this one has {n}.", most=LONGEST_DESCRIPTION, n=len(said)
            ),
            tag=clean,
        )
    if colour is not None and colour not in COLOURS:
        raise BadInput(
            Sentence(
                "“{colour}” is not a colour of a tag; choose one of: {options}.", colour=colour, options=tuple(COLOURS)
            ),
            tag=clean,
        )
    with desk.store.write() as conn:
        before = tagging.words_of_tags(conn).get(clean)
        if before is None:
            made = {"tag": clean, "description": said, "colour": colour, "created_at": desk.clock()}
            conn.execute(tag.insert().values(**made))
            record(desk, conn, user, clean, "tag_made", description=said, colour=colour)
        elif (before.description, before.colour) != (said, colour):
            conn.execute(tag.update().where(tag.c.tag == clean).values(description=said, colour=colour))
            was = {"was": before.description, "was_colour": before.colour}
            record(desk, conn, user, clean, "tag_described", description=said, colour=colour, **was)
    return clean


def retire(desk: Desk, user: CurrentUser, name: str, *, retired: bool) -> None:
    """Offer a tag no more, or offer it again. Conversations keep it either way.

    Raises:
        NotFound: there is no such tag.
    """
    clean = clean_tag(name)
    now = desk.clock()
    with desk.store.write() as conn:
        known = tagging.words_of_tags(conn).get(clean)
        if known is None:
            if not tagging.has_uses(conn, clean):
                raise NotFound(what="tag", key=clean)
            conn.execute(tag.insert().values(tag=clean, description="", created_at=now))
        elif (known.archived_at is not None) is retired:
            return
        conn.execute(tag.update().where(tag.c.tag == clean).values(archived_at=now if retired else None))
        record(desk, conn, user, clean, "tag_retired" if retired else "tag_offered")


def delete(desk: Desk, user: CurrentUser, name: str) -> None:
    """Delete a tag that nothing uses.

    Raises:
        BadInput: a conversation or rule uses it.
        NotFound: there is no such tag.
    """
    clean = clean_tag(name)
    with desk.store.write() as conn:
        if clean not in tagging.words_of_tags(conn):
            raise NotFound(what="tag", key=clean)
        if tagging.has_uses(conn, clean) or _rules_with(conn).get(clean):
            raise BadInput(
                Sentence("The tag {tag} is in use. Retire it, or join it to another one.", tag=clean), tag=clean
            )
        conn.execute(tag.delete().where(tag.c.tag == clean))
        record(desk, conn, user, clean, "tag_deleted")


def record(desk: Desk, conn: Connection, user: CurrentUser, name: str, action: str, **facts: Any) -> None:
    """Append a line to the history of a tag."""
    events.append(desk, conn, (TAG, name), action, actor_id=user.id, after={"facts": facts})


def _rows(conn: Connection) -> list[TagRow]:
    uses, said, rules = tagging.use_of_tags(conn), tagging.words_of_tags(conn), _rules_with(conn)
    found = []
    for name in sorted({*uses, *said, *rules}):
        use, words = uses.get(name), said.get(name)
        found.append(
            TagRow(
                tag=name,
                description=words.description if words else "",
                colour=words.colour if words else None,
                n=use.n if use else 0,
                n_open=use.n_open if use else 0,
                n_rules=rules.get(name, 0),
                created_at=words.created_at if words else None,
                archived_at=words.archived_at if words else None,
            )
        )
    return found


def _rules_with(conn: Connection) -> dict[str, int]:
    counts: dict[str, int] = {}
    for row in ruling.standing_rules(conn):
        draft = draft_of(row)
        for name in draft.actions.tags if draft is not None else ():
            counts[name] = counts.get(name, 0) + 1
    return counts
