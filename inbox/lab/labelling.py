"""Saying yes or no to a random sample of what a text finds, and how precise that makes it.

The sample belongs to the text: a changed text draws another one. What was labelled for the old text was used to mend
it, so on the new one it would flatter.
"""

from __future__ import annotations

from inbox.desk import Desk
from inbox.errors import NotFound
from inbox.lab.backtest import BackTest
from inbox.lab.checking import read
from inbox.lab.views import Precision, ToLabel
from inbox.lists import names_of, source_names
from inbox.views import CurrentUser, Mark
from store import lab
from store.lab import LabelRow, Walked
from understanding.match import spans
from understanding.measuring import Share

WANTED = 20
"""Labels of one round. Of 20 with all of them right the true share is above 84 % (95 %)."""
LONGEST_SHOWN = 2_000


def precision(desk: Desk, brand_id: str, text: str) -> Precision:
    """How precise a text is, as far as people labelled what it finds."""
    with desk.store.read() as conn:
        labels = lab.labels_of(conn, lab.text_key(brand_id, text))
        names = names_of(conn, {one.labelled_by for one in labels})
    told = [one for one in labels if one.relevant is not None]
    rounds = max(1, -(-len(told) // WANTED))
    return Precision(
        share=Share(sum(one.relevant is True for one in told), len(told)),
        skipped=len(labels) - len(told),
        wanted=rounds * WANTED,
        by=tuple(sorted(names.values())),
    )


def next_one(desk: Desk, job: BackTest) -> ToLabel | None:
    """The next of the sample that nobody labelled or passed over; None when all that was drawn is done.

    Whoever tests the same text on the same archive is given the same order, so that somebody else can go on.
    """
    with desk.store.read() as conn:
        seen = {one.item_id for one in lab.labels_of(conn, lab.text_key(job.brand_id, job.text))}
        names = source_names(conn)
        for number in job.comparison.sample():
            if number in seen:
                continue
            found = lab.one_item(conn, number)
            if found is not None:
                return _shown(job, found, names)
    return None


def label(desk: Desk, user: CurrentUser, brand_id: str, text: str, item_id: int, *, relevant: bool | None) -> Precision:
    """Keep what somebody says of one thing; None passes it over.

    Raises:
        BadSearch: the text is no query.
        NotFound: there is no such thing any more.
    """
    read(text)
    with desk.store.write() as conn:
        if lab.one_item(conn, item_id) is None:
            raise NotFound(what="message", key=item_id)
        row = LabelRow(item_id, relevant, user.id, desk.clock())
        lab.put_label(conn, desk.store, lab.text_key(brand_id, text), brand_id, row)
    return precision(desk, brand_id, text)


def take_back(desk: Desk, brand_id: str, text: str, item_id: int) -> Precision:
    """Forget a label, so that the thing is asked about again."""
    with desk.store.write() as conn:
        lab.take_label_back(conn, lab.text_key(brand_id, text), item_id)
    return precision(desk, brand_id, text)


def _shown(job: BackTest, found: Walked, names: dict[str, str]) -> ToLabel:
    node = read(job.text)
    text = found.text[:LONGEST_SHOWN] + (" …" if len(found.text) > LONGEST_SHOWN else "")

    def marks(said: str | None) -> tuple[Mark, ...]:
        return tuple(Mark(start, end) for start, end in spans([node], said or ""))

    return ToLabel(
        id=found.id,
        conversation_id=found.conversation_id,
        source_name=names.get(found.source_id, found.source_id),
        at=found.at,
        title=found.title,
        text=text,
        marks_title=marks(found.title),
        marks_text=marks(text),
    )
