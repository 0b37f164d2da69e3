"""From the inbox: this is noise, and from now on so is this author, this site, this word or what reads like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import moves, steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.noise import back, dry_run, keeping
from inbox.noise import everything as sweeping
from inbox.noise.index import Entry, Kind, account_value
from inbox.noise.reading import keys_of, words_of
from inbox.noise.views import NoiseDraft, Reach, Stand
from inbox.sentences import Sentence
from inbox.states import Status
from inbox.views import CurrentUser, Done
from store import noise
from store.commit.deciding import ADDRESSED
from store.schema import author, mention
from understanding.sites import site_of, sites_in

LASTS = timedelta(days=30)
"""How long a text is compared with what comes in."""
MADE = "noise_made_here"
_LOOKED_AT = 1_000


class Scope(StrEnum):
    """What else is noise from now on."""

    AUTHOR = "author"
    SITE = "site"
    WORD = "word"
    LIKE = "like"


def mark(
    desk: Desk,
    user: CurrentUser,
    conversation_id: int,
    scope: Scope,
    *,
    text: str = "",
    version: int | None = None,
    everything: bool = False,
) -> Done:
    """Make a noise rule from a conversation, and mark it as spam where nobody did; one step, taken back as one.

    Args:
        desk: where.
        user: who.
        conversation_id: the example.
        scope: what it is a example of.
        text: the word or phrase, for `Scope.WORD`.
        version: of the conversation as it was seen.
        everything: set aside what is open and meets it too, at most `everything.MOST`, taken back with the rest.

    Raises:
        BadInput: there is no such thing in the message, or the rule would have cost conversations that were kept.
        NotFound, ClaimedByOther, Changed, MoveRefused: see `inbox.errors`.
    """
    with desk.store.read() as conn:
        first = _first(conn, conversation_id)
        draft, value, extra = _draft(first, scope, text)
        tried = _tried(conn, draft, value, first, extra)
    _check_price(desk, draft, value)
    others = sweeping.candidates(desk, tried, conversation_id) if everything else []
    with desk.store.write() as conn:
        now = desk.clock()
        row = steps.load(conn, conversation_id)
        steps.check_free(conn, row, user, now)
        steps.check_unchanged(conn, row, user, version)
        ends_at = now + LASTS if scope is Scope.LIKE else None
        rule_id, new = keeping.make(
            desk,
            conn,
            user,
            draft,
            value=value,
            origin="conversation",
            conversation_id=conversation_id,
            ends_at=ends_at,
            **extra,
        )
        at = desk
        told: dict[str, Any] = {"noise_kind": scope.value, **({"noise_rule": rule_id} if new else {})}
        if everything:
            swept = sweeping.set_aside(desk, conn, replace(tried, id=rule_id), others)
            told |= {"noise_everything": len(swept)}
            at = desk.telling(noise_swept=swept)
        if row.status in {Status.SPAM, Status.IGNORED}:
            step = steps.Step(MADE, facts=told)
            return steps.write(at, conn, row, steps.Doer.person(user), step, now=now)
        done = moves.move_in(at.telling(**told), conn, user, conversation_id, Status.SPAM, version=version)
        return replace(done, params={**done.params, **told})


def undo(desk: Desk, conn: Connection, user: CurrentUser, facts: Mapping[str, Any]) -> None:
    """End the rule that a step made, and bring back all it set aside since; inside the caller's transaction."""
    rule_id = facts.get("noise_rule")
    swept = noise.hits_by(conn, facts.get("noise_swept") or ())
    if rule_id is None:
        back.bring_back(desk, conn, user, swept)
        return
    keeping.end(desk, conn, user, int(rule_id))
    back.bring_back(desk, conn, user, noise.hits_of(conn, int(rule_id)))


def reach(desk: Desk, conversation_id: int) -> tuple[Reach, ...]:
    """How much that is open now is of this conversation's author or site, or like its text; what cannot be told is not.

    Raises:
        NotFound: there is no such conversation.
    """
    entries: dict[str, tuple[Entry, str]] = {}
    with desk.store.read() as conn:
        first = _first(conn, conversation_id)
        for number, scope in enumerate((Scope.AUTHOR, Scope.SITE, Scope.LIKE), 1):
            try:
                draft, value, extra = _draft(first, scope, "")
            except BadInput:
                continue
            entries[scope.value] = _tried(conn, draft, value, first, extra, number=number), draft.text
    return sweeping.reach(desk, entries, conversation_id)


def _tried(
    conn: Connection, draft: NoiseDraft, value: str, first: Row[Any], extra: Mapping[str, Any], *, number: int = 0
) -> Entry:
    """The rule before it is kept, as the index looks it up, with the id of the one that stands already or `number`."""
    known = keeping.standing(conn, draft, value)
    rule_id = number if known is None else known.id
    example = words_of(first) if draft.kind is Kind.LIKE else None
    keys = tuple(extra.get("keys", ()))
    return Entry(rule_id, draft.kind, value, draft.platform, direct=draft.direct, keys=keys, example=example)


def _first(conn: Connection, conversation_id: int) -> Row[Any]:
    """The message a conversation begins with, with its author."""
    wanted = (
        select(
            mention.c.id,
            mention.c.platform,
            mention.c.kind,
            mention.c.title,
            mention.c.text,
            mention.c.url,
            mention.c.visibility,
            mention.c.flags,
            author.c.external_id.label("account"),
            author.c.handle,
            author.c.name,
        )
        .join(author, author.c.id == mention.c.author_id, isouter=True)
        .where(mention.c.conversation_id == conversation_id, mention.c.direction == "inbound")
        .order_by(mention.c.sort_at, mention.c.id)
    )
    found: list[Row[Any]] = list(conn.execute(wanted.limit(1)))
    if not found:
        raise NotFound(what="conversation", key=conversation_id)
    return found[0]


def _draft(first: Row[Any], scope: Scope, text: str) -> tuple[NoiseDraft, str, dict[str, Any]]:
    """The rule, what it looks up, and what else is kept with it."""
    match scope:
        case Scope.AUTHOR:
            if first.account is None:
                raise BadInput(Sentence("It is not known who wrote this message."), noise="author")
            shown = f"@{first.handle}" if first.handle else first.name or first.account
            direct = first.visibility == "private" or ADDRESSED in (first.flags or ())
            draft = NoiseDraft(Kind.AUTHOR, shown, platform=first.platform, direct=direct)
            return draft, account_value(first.account), {}
        case Scope.SITE:
            # A link that somebody spreads says more than the platform on which they do.
            own = site_of(first.url or "")
            spread = [one for one in sites_in(None, first.text) if one != own]
            site = spread[0] if spread else own
            if site is None:
                raise BadInput(Sentence("There is no link in this message, and no address of it."), noise="site")
            return NoiseDraft(Kind.SITE, site), site, {}
        case Scope.WORD:
            return NoiseDraft(Kind.WORD, text), keeping.value_of(Kind.WORD, text), {}
        case Scope.LIKE:
            keys = keys_of(words_of(first))
            if not keys:
                raise BadInput(
                    Sentence("This text is too short to know it again by; choose another way."), noise="like"
                )
            return NoiseDraft(Kind.LIKE, ""), str(first.id), {"keys": keys}


def _check_price(desk: Desk, draft: NoiseDraft, value: str) -> None:
    """Refuse, at one key, a rule about a site or words that would have cost conversations that were kept."""
    if draft.kind not in {Kind.SITE, Kind.WORD}:
        return
    tried = dry_run.trial(desk, [Entry(0, draft.kind, value)], days=30, limit=_LOOKED_AT)[0]
    good = tried.stands.get(Stand.GOOD, 0)
    if good:
        raise BadInput(
            Sentence(
                "In the last 30 days “{text}” would also have set aside conversations that were kept: {n}. A team lead "
                "can look at them on the Noise page, and make the rule there.",
                text=value,
                n=good,
            ),
            noise="price",
        )
