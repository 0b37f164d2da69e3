"""Everything that is kept of somebody, over all channels, for who asks what we hold (GDPR, article 15).

What stands in it of each table is decided in `inbox.privacy.telling`. What others wrote in the same conversations is
theirs and only counted; colleagues and other customers are veiled where words name them. What stays out is listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.privacy import elsewhere, left_out, of_messages, of_talks, telling_rows
from inbox.privacy.naming import Veil, candidates
from inbox.privacy.telling_rows import Asker
from store.forgetting import Subject
from store.raw import RawCodec
from store.schema import author, user_account

Part = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is kept. Every part is plain data, ready for JSON; instants are aware UTC.

    Attributes:
        made_at: when.
        accounts: their accounts.
        person: what colleagues noted about them.
        recognised: by what their accounts are recognised elsewhere.
        conversations: what they said, and the work on it.
        incoming: what came in and is no message here.
        words: words of ours outside conversations that name them.
        alerts: alerts that name them or show a message of theirs.
        counts: counts of days in which they stand by name.
        sources: where it comes from.
        exports: files with copies.
        noise_rules: rules about them.
        left_out: what stays out, and why.
    """

    made_at: datetime
    accounts: Part
    person: dict[str, Any] | None
    recognised: Part
    conversations: Part
    incoming: Part
    words: Part
    alerts: Part
    counts: Part
    sources: Part
    exports: Part
    noise_rules: Part
    left_out: tuple[left_out.LeftOut, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def gather(desk: Desk, subject: Subject) -> Dossier:
    """Read it all, from one state of the store."""
    codec = RawCodec(desk.store)
    with desk.store.snapshot() as conn:
        asker = telling_rows.asker(conn, subject)
        conversations = of_talks.conversations(conn, codec, asker)
        incoming = elsewhere.came_in(conn, asker)
        ours: dict[str, Any] = {
            "person": elsewhere.noted(conn, asker),
            "recognised": elsewhere.recognised(conn, asker),
            "conversations": conversations,
            "incoming": incoming,
            "words": elsewhere.words(conn, asker),
            "alerts": elsewhere.alerts(conn, asker),
            "counts": elsewhere.counted(conn, asker),
            "noise_rules": elsewhere.noise_rules(conn, asker),
        }
        veil = _veil(conn, asker, ours)
        sources = {message["source"] for one in conversations for message in one["messages"]}
        sources |= {one["source_id"] for one in incoming if "source_id" in one}
        veiled = {name: veil.over(part) for name, part in ours.items() if name != "conversations"}
        return Dossier(
            made_at=desk.clock(),
            accounts=elsewhere.accounts(conn, asker),
            conversations=tuple(_veiled(conn, asker, veil, one) for one in conversations),
            sources=elsewhere.sources(conn, sources),
            exports=elsewhere.copies(conn),
            left_out=left_out.listed(),
            **veiled,
        )


def _veiled(conn: Connection, asker: Asker, everywhere: Veil, conversation: dict[str, Any]) -> dict[str, Any]:
    """Work without others; what somebody said themselves stays as they said it."""
    veil = everywhere.also(of_talks.others_in(conn, asker, conversation["number"]))
    own = conversation["messages"]
    work = veil.over({name: value for name, value in conversation.items() if name != "messages"})
    bare = [{**one, **{name: veil.over(one[name]) for name in of_messages.VEILED}} for one in own]
    return {**work, "messages": bare}


def _veil(conn: Connection, asker: Asker, told: Any) -> Veil:
    """Names of colleagues, and of any other account that is told of."""
    colleagues = [name for row in conn.execute(select(user_account.c.name, user_account.c.email)) for name in row]
    return Veil(asker.naming, [*colleagues, *_accounts_in(conn, asker, candidates(told))])


def _accounts_in(conn: Connection, asker: Asker, said: frozenset[str]) -> Iterable[str]:
    """Accounts of others that stand in words. Reads every account once: it is asked seldom, by a person.

    Of names as they are shown only those of several words: single ones are words like any other.
    """
    columns = (author.c.handle, author.c.name, author.c.url, author.c.external_id)
    query = select(*columns).where(author.c.id.not_in(asker.ids), author.c.is_staff.is_(False))
    for row in conn.execute(query.execution_options(yield_per=1000)):
        yield from (one for one in (row.handle, row.url, row.external_id) if one and one.lower() in said)
        if row.name and " " in row.name.strip() and " ".join(row.name.lower().split()) in said:
            yield row.name
