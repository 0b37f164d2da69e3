"""Ground for the tests of noise: messages with authors and links, a lead, and a list of who is set aside."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from inbox.noise.index import Kind
from inbox.noise.views import NoiseDraft
from inbox.permissions import Role
from store.schema import author, conversation, mention, noise_hit
from tests.inbox.conftest import World


def writer(world: World, handle: str, *, platform: str = "discourse") -> int:
    """An account; the same one every time."""
    with world.store.write() as conn:
        known = conn.execute(
            select(author.c.id).where(author.c.external_id == f"u-{handle}", author.c.platform == platform)
        ).scalar()
        if known is not None:
            return int(known)
        number = world.store.new_id()
        conn.execute(
            author.insert().values(id=number, external_id=f"u-{handle}", platform=platform, handle=handle, name=handle)
        )
        return number


def said(
    world: World, text: str, *, by: str = "piet", routed: bool = True, url: str | None = None, **facts: Any
) -> int:
    """A conversation that somebody began."""
    number = world.conversation(text, routed=False, author_id=writer(world, by), author_name=by)
    with world.store.write() as conn:
        values = {"author_id": writer_id(conn, by), "url": url, **facts}
        conn.execute(mention.update().where(mention.c.conversation_id == number).values(**values))
        if facts.get("visibility"):
            here = conversation.c.id == number
            conn.execute(conversation.update().where(here).values(visibility=facts["visibility"]))
    if routed:
        world.route()
    return number


def writer_id(conn: Any, handle: str) -> int:
    """The id of an account that is there."""
    return int(conn.execute(select(author.c.id).where(author.c.external_id == f"u-{handle}")).scalar_one())


def lead(world: World) -> str:
    """A session of a team lead."""
    return world.token(world.person(Role.LEAD, name="Lieke"))


def rule(world: World, kind: Kind, text: str, **parts: Any) -> int:
    """A noise rule that a lead made on the page."""
    return world.inbox.noise.save(lead(world), NoiseDraft(kind, text, **parts))


def hits(world: World, rule_id: int) -> list[Any]:
    """What a rule hit, oldest first."""
    with world.store.read() as conn:
        wanted = select(noise_hit).where(noise_hit.c.rule_id == rule_id)
        return sorted(conn.execute(wanted), key=lambda row: row.mention_id)
