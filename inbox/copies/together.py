"""One decision, or one answer, for everybody who says the same.

Closing and answering are the very steps that a single conversation takes, each with its own event and its own refusal;
`inbox.bulk` shares their number, so that all are taken back at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from inbox import lists, steps
from inbox.bulk import run
from inbox.bulk.views import Action, BulkDone, Kind, Refusal
from inbox.copies.reading import copies_of
from inbox.copies.views import CopyView
from inbox.desk import Desk
from inbox.errors import BadInput, InboxError, NotFound
from inbox.replying import send
from inbox.sentences import Sentence
from inbox.views import CurrentUser, Done
from inbox.writing import facts
from inbox.writing.fill import fill
from store.cards import conversation_by_id
from store.folding import bring_back

CLOSING = frozenset({Kind.RESOLVE, Kind.IGNORE, Kind.SPAM})
MORE = "more_in_it"
"""Code of the refusal to close what holds more than the copy."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What everybody is answered. `text` may hold variables of templates, filled in for each."""

    text: str
    follow_up: str
    confirmed: tuple[str, ...] = ()


def close(
    desk: Desk, user: CurrentUser, conversation_id: int, seen: Mapping[int, int | None], action: Action
) -> BulkDone:
    """Close a conversation and every copy of it that is open; `seen` are versions as they were seen.

    A copy in a conversation in which others said more stays, and is told among `refused`.

    Raises:
        BadInput: the action closes nothing.
    """
    if action.kind not in CLOSING:
        raise BadInput(Sentence("Together they can be resolved, ignored or marked as spam."))
    copies = _group(desk, conversation_id)
    standing = {one.conversation_id: one for one in copies if one.is_open and one.conversation_id != conversation_id}
    chosen = {conversation_id: seen.get(conversation_id)}
    chosen |= {number: seen.get(number) for number, one in standing.items() if one.alone}
    why = Sentence("More was said in it than this message; look at it by itself.")
    kept = tuple(Refusal(number, one.author_name, MORE, why) for number, one in standing.items() if not one.alone)
    done = run.apply(desk, user, chosen, action)
    return replace(done, refused=(*done.refused, *kept))


def answer(
    desk: Desk, user: CurrentUser, conversation_id: int, wanted: Mapping[int, int | None], said: Answer
) -> BulkDone:
    """Answer these conversations of a group, `{id: version as it was seen}`, each through the outbox.

    Whatever one of them refuses (its platform, a colleague, what the customer wrote since) is told with its reason; the
    others go out. What was folded away and is answered is work again.

    Raises:
        BadInput: one of them does not say the same.
    """
    by_number = {one.conversation_id: one for one in _group(desk, conversation_id)}
    if wanted.keys() - by_number.keys() - {conversation_id}:
        raise BadInput(Sentence("One of these no longer says the same; look again."))
    at = desk.telling(bulk=desk.store.new_id())
    done: list[Done] = []
    refused: list[Refusal] = []
    for number in sorted(wanted):
        copy = by_number.get(number)
        try:
            to = _To(number, copy.mention_id if copy else None, wanted[number])
            done.append(_answer_one(at, user, to, said))
        except InboxError as problem:
            name = copy.author_name if copy else ""
            refused.append(Refusal(number, name, problem.code, problem.said or str(problem)))
    return BulkDone.of(done, refused, undo_until=desk.clock() + steps.UNDO_WINDOW)


@dataclass(frozen=True, slots=True)
class _To:
    """Who is answered: the conversation, the message (None: its latest), the version as it was seen."""

    conversation_id: int
    mention_id: int | None
    seen: int | None


def _answer_one(desk: Desk, user: CurrentUser, to: _To, said: Answer) -> Done:
    with desk.store.write() as conn:
        row = steps.load(conn, to.conversation_id)
        text = fill(said.text, facts.values_of(conn, facts.facts_of(conn, row.id), user)).text
        version = row.version if to.seen is None else to.seen
        if version == row.version and bring_back(conn, [row.id], at=desk.clock()):
            version += 1
    return send.send(
        desk,
        user,
        to.conversation_id,
        text=text,
        version=version,
        follow_up=said.follow_up,
        mention_id=to.mention_id,
        confirmed=said.confirmed,
    )


def _group(desk: Desk, conversation_id: int) -> tuple[CopyView, ...]:
    with desk.store.read() as conn:
        if conversation_by_id(conn, conversation_id) is None:
            raise NotFound(what="conversation", key=conversation_id)
        return copies_of(conn, conversation_id, sources=lists.source_names(conn), now=desk.clock())
