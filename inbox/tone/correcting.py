"""An agent says what the tone of a message is, lets the model judge again, or takes either back.

The mention, its card and the roll-ups change in one transaction (`store.enriching`); the event keeps what stood before.
Saying what the model said already is worth a click too: it confirms, and is learnt from like any correction.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from inbox import steps
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.tone.scoring import scored, scorer
from inbox.tone.views import TONES
from inbox.views import CurrentUser, Done
from store.engine import Store
from store.enriching import Enriched, rewrite
from store.schema import mention
from store.sentiments import HAND, Sentiment, by_tier

MACHINE = "machine"
"""In place of a tone: what an agent said no longer counts, the model judges again."""

SCORES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
"""The score that goes with a person's word."""

_KEPT = ("sentiment", "sentiment_score", "sentiment_confidence", "sentiment_by", "sentiment_corrected_by")


def correct(desk: Desk, user: CurrentUser, mention_id: int, tone: str) -> Done:
    """Say what the tone of a message is: one of `TONES`, or `MACHINE`.

    Raises:
        BadInput: another word.
        NotFound: there is no such message of a customer.
    """
    with desk.store.read() as conn:
        found = conn.execute(select(mention.c.conversation_id).where(mention.c.id == mention_id)).scalar()
    if found is None:
        raise NotFound(what="message", key=mention_id)
    return desk.store.write_again(lambda conn: correct_in(desk, conn, user, found, tone, mention_id=mention_id))


def correct_in(
    desk: Desk, conn: Connection, user: CurrentUser, conversation_id: int, tone: str, *, mention_id: int | None = None
) -> Done:
    """The same inside the caller's transaction; without a message it is about the one that the card shows."""
    if tone not in (*TONES, MACHINE):
        raise BadInput(
            Sentence("“{tone}” is not a tone; choose one of: {options}.", tone=tone, options=TONES), tone=tone
        )
    row = steps.load(conn, conversation_id)
    said = _message(conn, row, mention_id)
    by_hand = said.sentiment_corrected_by is not None
    if (by_hand and said.sentiment == tone) or (not by_hand and tone == MACHINE):
        return steps.nothing(row, "toned", tone=tone)
    if tone == MACHINE:
        _write(desk, conn, said.id, _judged(desk, said), None)
        facts = {"mention_id": said.id}
    else:
        _write(desk, conn, said.id, Sentiment(tone, SCORES[tone], 1.0, HAND), user.id)
        facts = {"mention_id": said.id, "tone": tone}
    step = steps.Step(
        "tone_back" if tone == MACHINE else "toned",
        facts={**facts, "was": {name: getattr(said, name) for name in _KEPT}},
    )
    return steps.write(desk, conn, row, steps.Doer.person(user), step, now=desk.clock())


def take_back(desk: Desk, conn: Connection, facts: Any) -> None:
    """Let the sentiment of a message be what it was before a step of `correct`; the conversation is locked."""
    was = facts["was"]
    said = conn.execute(_MESSAGES.where(mention.c.id == int(facts["mention_id"]))).first()
    if said is None or said.deleted_at is not None:
        return
    if was["sentiment"] is None:
        _write(desk, conn, said.id, _judged(desk, said), None)
        return
    before = Sentiment(was["sentiment"], was["sentiment_score"], was["sentiment_confidence"], was["sentiment_by"])
    _write(desk, conn, said.id, before, was["sentiment_corrected_by"])


_MESSAGES: Select[Any] = select(
    *(mention.c[name] for name in ("id", "conversation_id", "direction", "deleted_at", "title", "text", "lang")),
    mention.c.rating,
    *(mention.c[name] for name in _KEPT),
)


def _message(conn: Connection, row: Row[Any], mention_id: int | None) -> Row[Any]:
    wanted = row.last_mention_id if mention_id is None else mention_id
    said = conn.execute(_MESSAGES.where(mention.c.id == wanted, mention.c.conversation_id == row.id)).first()
    if said is None or said.direction != "inbound" or said.deleted_at is not None:
        raise NotFound(what="message", key=wanted)
    return said


def _judged(desk: Desk, said: Row[Any]) -> Sentiment:
    asked = scorer(desk)
    found = scored(asked, said)
    return Sentiment(found.label, found.score, found.confidence, by_tier(1, asked.version))


def _write(desk: Desk, conn: Connection, mention_id: int, sentiment: Sentiment, corrected_by: int | None) -> None:
    store: Store = desk.store
    row = Enriched(mention_id, sentiment=sentiment, corrected_by=corrected_by)
    rewrite(conn, store, [row], timezone=desk.settings.timezone, by_hand=True)
