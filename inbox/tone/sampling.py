"""The monthly sample: drawn once, offered text by text, each labelled once by whoever comes first."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.settings import InboxSettings
from inbox.tone.accuracy import UNCLEAR, of_sample
from inbox.tone.drawing import draw
from inbox.tone.views import TONES, Accuracy, Labelled, ToLabel
from inbox.views import CurrentUser
from store import label_samples
from store.engine import Store
from store.label_samples import ItemRow, SampleRow
from store.schema import mention, rollup_day_brand

LABELS = (*TONES, UNCLEAR)
LABEL_ITEM, LABEL_SAMPLE = "label_item", "label_sample"
_MONTHS = 24


def tick(store: Store, settings: InboxSettings, now: datetime) -> str | None:
    """Draw the sample of the last whole month when there is none; gives the month. Safe on several machines."""
    month = month_before(now.astimezone(ZoneInfo(settings.timezone)).date())
    with store.read() as conn:
        if _sample(conn, month) is not None or not _has_scored(conn, month):
            return None
    return month if take(store, settings, month, now=now) else None


def take(store: Store, settings: InboxSettings, month: str, *, now: datetime) -> bool:
    """Draw and keep the sample of a local month, of what it had until now; False when it has one, or nothing in it."""
    since, until = bounds(month, settings.timezone)
    seed = secrets.token_hex(8)
    drawn = draw(label_samples.drawable(store, since, until), seed=seed, wanted=settings.accuracy_sample)
    if not drawn.items:
        return False
    sample = SampleRow(month, seed, settings.accuracy_sample, drawn.strata, now)
    return store.write_again(lambda conn: label_samples.keep(conn, store, sample, drawn.items))


def start(desk: Desk, user: CurrentUser) -> str:
    """Draw the sample of the month that runs, of what came in so far; gives the month.

    Raises:
        BadInput: it has one already, or nothing was scored in it.
    """
    now = desk.clock()
    month = f"{now.astimezone(ZoneInfo(desk.settings.timezone)):%Y-%m}"
    if not take(desk.store, desk.settings, month, now=now):
        raise BadInput(Sentence("This month has a sample already, or no message in it has a tone yet."))
    with desk.store.write() as conn:
        about, facts = (LABEL_SAMPLE, month), {"sample": month}
        events.append(desk, conn, about, "tone_sample_drawn", actor_id=user.id, after={"facts": facts})
    return month


def month_before(day: date) -> str:
    """The month before that of a day, such as 2026-10."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def bounds(month: str, timezone: str) -> tuple[datetime, datetime]:
    """First instant of a local month and of the next one.

    Raises:
        BadInput: not a month.
    """
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=ZoneInfo(timezone))
    except ValueError as error:
        raise BadInput(Sentence("“{month}” is not a month; write it as 2026-11.", month=month)) from error
    return first, (first + timedelta(days=32)).replace(day=1)


def accuracy(desk: Desk, month: str | None = None) -> Accuracy | None:
    """How good the sentiment of a month is, or of the latest month of which anything was labelled; None without."""
    with desk.store.read() as conn:
        for sample in label_samples.samples(conn, limit=_MONTHS):
            if month in (None, sample.month):
                found = of_sample(sample, label_samples.items(conn, sample.month))
                if month is not None or found.overall.share.n or found.overall.unsure:
                    return found
    return None


def months(desk: Desk) -> tuple[Accuracy, ...]:
    """All samples, the newest month first."""
    with desk.store.read() as conn:
        found = label_samples.samples(conn, limit=_MONTHS)
        return tuple(of_sample(sample, label_samples.items(conn, sample.month)) for sample in found)


def next_text(desk: Desk, user: CurrentUser, month: str | None = None) -> ToLabel | None:
    """A text that nobody labelled yet, of the newest sample that has one; None when all are done.

    Two people at once begin at different places, so that they seldom read the same one.
    """
    with desk.store.read() as conn:
        for sample in label_samples.samples(conn, limit=_MONTHS):
            if month not in (None, sample.month):
                continue
            every = label_samples.items(conn, sample.month)
            waiting = [one for one in every if one.label is None and not one.gone]
            if waiting:
                return _shown(conn, every, waiting[_first(waiting, len(every), user.id)])
    return None


def label(desk: Desk, user: CurrentUser, month: str, place: int, said: str) -> Labelled:
    """Say what a text is; gives what stood with it. Who comes second changes nothing, and is told so.

    Raises:
        BadInput: not one of `LABELS`.
        NotFound: there is no such text.
    """
    if said not in LABELS:
        raise BadInput(Sentence("“{tone}” is not a tone; choose one of: {options}.", tone=said, options=LABELS))
    with desk.store.write() as conn:
        done = label_samples.label(conn, month, place, said, by=user.id, at=desk.clock(), was=None)
        item = _item(conn, month, place)
        if done:
            _record(desk, conn, user, item, "tone_labelled", label=said)
    return Labelled(month, place, item.label or said, item.answer, again=not done and item.labelled_by != user.id)


def take_back(desk: Desk, user: CurrentUser, month: str) -> ToLabel | None:
    """Take back what one labelled last in a sample, and offer that text again; None when there is nothing."""
    with desk.store.write() as conn:
        every = label_samples.items(conn, month)
        mine = [one for one in every if one.labelled_by == user.id and one.labelled_at is not None]
        last = max(mine, key=lambda one: (one.labelled_at or desk.clock(), one.place), default=None)
        if last is None or last.gone:
            return None
        if label_samples.label(conn, month, last.place, None, by=None, at=None, was=last.label):
            _record(desk, conn, user, last, "tone_unlabelled", label=last.label)
        return _shown(conn, label_samples.items(conn, month), last)


def _sample(conn: Connection, month: str) -> SampleRow | None:
    return next((one for one in label_samples.samples(conn, limit=_MONTHS) if one.month == month), None)


def _has_scored(conn: Connection, month: str) -> bool:
    """Whether anything of a month was scored; asked of the roll-ups, so that looking costs nothing."""
    first = date.fromisoformat(f"{month}-01")
    c = rollup_day_brand.c
    within = (c.brand_id == "", c.day >= first, c.day < (first + timedelta(days=32)).replace(day=1))
    scored = c.n_negative + c.n_neutral + c.n_positive + c.n_unsure
    return conn.execute(select(c.n).where(*within, scored > 0).limit(1)).first() is not None


def _first(waiting: Sequence[ItemRow], n: int, user_id: int) -> int:
    """Which waiting text somebody begins with: the first one behind a place of their own."""
    own = int.from_bytes(blake2b(str(user_id).encode(), digest_size=4).digest(), "big") % max(1, n)
    return next((at for at, one in enumerate(waiting) if one.place >= own), 0)


def _item(conn: Connection, month: str, place: int) -> ItemRow:
    found = next((one for one in label_samples.items(conn, month) if one.place == place), None)
    if found is None:
        raise NotFound(what="text", key=f"{month} {place}")
    return found


def _shown(conn: Connection, every: Sequence[ItemRow], item: ItemRow) -> ToLabel:
    c = mention.c
    columns = (c.conversation_id, c.title, c.text, c.platform, c.rating)
    row = conn.execute(select(*columns).where(c.id == item.mention_id)).one()
    return ToLabel(
        month=item.month,
        place=item.place,
        conversation_id=row.conversation_id,
        title=row.title,
        text=row.text,
        lang=item.lang,
        platform=row.platform,
        rating=row.rating,
        n=len(every),
        n_done=sum(one.label is not None or one.gone for one in every),
    )


def _record(desk: Desk, conn: Connection, user: CurrentUser, item: ItemRow, action: str, **facts: str | None) -> None:
    about = (LABEL_ITEM, f"{item.month}-{item.place + 1}")
    events.append(desk, conn, about, action, actor_id=user.id, after={"facts": {**facts, "sample": item.month}})
