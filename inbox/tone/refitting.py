"""Every night: a model fitted to the seeds and the agents' corrections, adopted only when `guard` says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.settings import InboxSettings
from inbox.tone.guard import Outcome, Paired, compare, decide, is_held_back
from inbox.tone.scoring import model_of, prepared_of, words_of
from inbox.tone.views import Attempt, Learning, Right
from inbox.views import CurrentUser
from store.corrections import Correction, to_learn_from
from store.engine import Store
from store.label_samples import labelled_texts
from store.schema import tone_fit
from store.tone_fits import ToneFitRow, attempts, in_use, model_in_use, use
from store.tone_words import standing
from understanding.measuring import Share
from understanding.sentiment import Labelled, Model, Scorer, Words, recalibrated, refit, scored_text, tier_one
from understanding.sentiment.model import committed

HOUR = 3
"""Local hour from which a night's attempt is made; later in the day when no worker ran then."""

TONE_MODEL = "tone_model"
SHIPPED = "shipped"
LABELS: Mapping[str, int] = {"negative": -1, "neutral": 0, "positive": 1}
SAMPLED = 12
"""Months whose labelled samples are asked."""
_SHOWN = 60


def tick(store: Store, settings: InboxSettings, now: datetime) -> Outcome | None:
    """Make this night's attempt when there is anything new to learn from; what came of it.

    Safe on several machines at once: the first one to end writes, the others' work is thrown away.
    """
    local = now.astimezone(ZoneInfo(settings.timezone))
    if local.hour < HOUR:
        return None
    night = local.date()
    with store.read() as conn:
        last = next(iter(attempts(conn, limit=1)), None)
        if last is not None and last.night >= night:
            return None
        corrections = to_learn_from(conn)
        told = fingerprint(corrections)
        if not corrections or (last is not None and last.corrections == told):
            return None
        words = words_of(standing(conn))
        before = model_of(model_in_use(conn)) or committed()
        sampled = labelled_texts(conn, months=SAMPLED)
    row = attempt(corrections, sampled, before, words, night=night, at=now, told=told)
    desk = Desk(store, settings, lambda: now)
    return Outcome(row.outcome) if store.write_again(lambda conn: _keep(desk, conn, row)) else None


def attempt(
    corrections: Sequence[Correction],
    sampled: Sequence[Correction],
    before: Model,
    words: Words,
    *,
    night: date,
    at: datetime,
    told: str,
) -> ToneFitRow:
    """Fit to what may be learnt from, and judge by the rest. Pure."""
    held = [one for one in corrections if is_held_back(one.mention_id)]
    learnt = [one for one in corrections if not is_held_back(one.mention_id)]
    after = recalibrated(refit(before, _labelled(learnt)), _labelled(sampled))
    old, new = tier_one(words, before), tier_one(words, after)
    judged, asked = _compared(old, new, held), _compared(old, new, sampled)
    return ToneFitRow(
        night=night,
        at=at,
        corrections=told,
        n_learnt=len(learnt),
        n_held=judged.n,
        right_before=judged.right_before,
        right_after=judged.right_after,
        better=judged.better,
        worse=judged.worse,
        sample_n=asked.n,
        sample_better=asked.better,
        sample_worse=asked.worse,
        outcome=decide(judged, asked).value,
        model=after.to_json(),
    )


def _labelled(said: Iterable[Correction]) -> list[Labelled]:
    return [Labelled(scored_text(one.title, one.text), one.lang, LABELS[one.sentiment], one.rating) for one in said]


def fingerprint(corrections: Iterable[Correction]) -> str:
    """Which corrections these are, in a few characters. Pure."""
    told = "\n".join(f"{one.mention_id} {one.sentiment}" for one in corrections)
    return blake2b(told.encode(), digest_size=16).hexdigest()


def learning(desk: Desk) -> Learning:
    """The attempts of the last nights, newest first, and which model counts."""
    with desk.store.read() as conn:
        used = in_use(conn)
        rows = attempts(conn, limit=_SHOWN)
        n = len(to_learn_from(conn))
        shipped = model_of(model_in_use(conn)) is None
    return Learning(tuple(_shown(row, used) for row in rows), shipped=shipped, n_corrections=n)


def choose(desk: Desk, user: CurrentUser, night: date | None) -> None:
    """Let the model of a night count, also one that was not adopted, or (None) the one that came with the program.

    It stays until the guard adopts a newer one, for which there must be new corrections.

    Raises:
        NotFound: that night has no model that this version can use.
    """
    with desk.store.write() as conn:
        desk.store.dialect.serialize(conn, "klankbord tone model")
        if night is not None:
            kept = conn.execute(select(tone_fit.c.model).where(tone_fit.c.night == night)).scalar()
            if model_of(kept) is None:
                raise NotFound(what="model", key=night.isoformat())
        was = in_use(conn)
        if was == night:
            return
        use(conn, desk.store, night)
        _record(desk, conn, "tone_model_chosen", night, was, actor_id=user.id)


def _compared(old: Scorer, new: Scorer, examples: Iterable[Correction]) -> Paired:
    pairs = []
    for one in examples:
        prepared, wanted = prepared_of(one), LABELS[one.sentiment]
        was, becomes = (scorer.score(prepared, one.lang, rating=one.rating).leaning for scorer in (old, new))
        pairs.append((was == wanted, becomes == wanted))
    return compare(pairs)


def _keep(desk: Desk, conn: Connection, row: ToneFitRow) -> bool:
    desk.store.dialect.serialize(conn, "klankbord tone model")
    if any(one.night >= row.night for one in attempts(conn, limit=1)):
        return False
    conn.execute(tone_fit.insert().values({name: getattr(row, name) for name in ToneFitRow.__slots__}))
    if row.outcome == Outcome.ADOPTED:
        was = in_use(conn)
        use(conn, desk.store, row.night)
        _record(desk, conn, "tone_model_adopted", row.night, was, actor_id=None)
    return True


def _record(
    desk: Desk, conn: Connection, action: str, night: date | None, was: date | None, *, actor_id: int | None
) -> None:
    named = [SHIPPED if one is None else one.isoformat() for one in (night, was)]
    facts = {"model": named[0], "was": named[1]}
    events.append(desk, conn, (TONE_MODEL, named[0]), action, actor_id=actor_id, after={"facts": facts})


def _shown(row: ToneFitRow, used: date | None) -> Attempt:
    usable = model_of(row.model) is not None
    return Attempt(
        night=row.night,
        at=row.at,
        n_learnt=row.n_learnt,
        n_held=row.n_held,
        before=Right("", Share(row.right_before, row.n_held), 0),
        after=Right("", Share(row.right_after, row.n_held), 0),
        better=row.better,
        worse=row.worse,
        sample_n=row.sample_n,
        sample_better=row.sample_better,
        sample_worse=row.sample_worse,
        outcome=row.outcome,
        usable=usable,
        in_use=usable and used == row.night,
    )
