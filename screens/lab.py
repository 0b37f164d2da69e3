"""The query lab as a browser tab keeps it: the text being written, the test of it, and the steps behind buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import streamlit as st

from inbox.lab.backtest import CAP_S, BackTest
from inbox.lab.door import QueryLab
from inbox.lab.views import BrandLab, Findings
from inbox.service import Inbox
from screens import components, page_step
from screens.i18n import _
from screens.state import inbox, token

_KEY = "klankbord_lab"
_Value = TypeVar("_Value")
FRAGMENT = "lab"
EDITOR = "lab_editor"
PART = "lab_part"
SECTIONS = ("found", "label", "proposals", "sets", "history")
PERIODS = (7, 30, 90, 365, 0)
"""Days; 0 for everything there is."""


@dataclass(slots=True)
class Bench:
    """What is being worked on. `seen`: the version it began with. `rev` grows when the server changes the text.

    `test` and `found` are of `test.text`, which may differ from `text` when somebody went on writing. `learned` is what
    was worked out for a text: a part that comes back while a test runs does not do it again.
    """

    brand_id: str
    text: str
    seen: int | None
    rev: int = 0
    days: int = 90
    section: str = "found"
    test: BackTest | None = None
    found: Findings | None = None
    labelled: int | None = None
    learned: dict[str, tuple[str, object]] = field(default_factory=dict)

    @property
    def is_tested(self) -> bool:
        """Whether what was tested is what stands there."""
        return self.test is not None and self.test.text.split() == self.text.split()


def current() -> Bench | None:
    """What this tab works on."""
    return cast("Bench | None", st.session_state.get(_KEY))


def open_brand(opened: BrandLab) -> Bench:
    """Begin with a brand's query as it counts now."""
    before = current()
    rev = 0 if before is None else before.rev + 1
    bench = Bench(opened.brand.id, opened.text, opened.version_id, rev=rev)
    st.session_state[_KEY] = bench
    return bench


def learned(bench: Bench, name: str, work: Callable[[], _Value]) -> _Value:
    """What was worked out for the text that stands there, once."""
    kept = bench.learned.get(name)
    if kept is None or kept[0] != bench.text:
        kept = bench.text, work()
        bench.learned[name] = kept
    return cast("_Value", kept[1])


def do(step: Callable[[QueryLab, str, Bench], str | None]) -> bool:
    """Take a step through the door of the lab; what is refused is told at the top of the page."""
    bench = current()
    if bench is None:
        return False

    def through_the_door(box: Inbox, who: str) -> str | None:
        bench.learned.clear()
        return step(box.lab, who, bench)

    return page_step.do(through_the_door)


def _write(bench: Bench, text: str) -> None:
    bench.text = text
    bench.rev += 1


def on_typed() -> None:
    """What stands in the field now."""
    bench = current()
    text = components.sent("query_editor", "typed").get("text")
    if bench is not None and isinstance(text, str):
        bench.text = text
    st.rerun([EDITOR, PART])


def on_brand() -> None:
    """Another brand."""
    st.session_state[_KEY] = None
    st.rerun(FRAGMENT)


def on_section() -> None:
    """Another part of the bench."""
    bench = current()
    chosen = st.session_state.get("lab_section")
    if bench is not None and chosen in SECTIONS:
        bench.section = str(chosen)
        bench.learned.clear()
    st.rerun(PART)


def on_days() -> None:
    """Another period; the next test keeps to it."""
    bench = current()
    if bench is not None:
        bench.days = int(st.session_state["lab_days"])
    st.rerun(PART)


def on_test() -> None:
    """Begin to test what stands there."""

    def step(box: QueryLab, who: str, bench: Bench) -> None:
        bench.test = box.begin(who, bench.brand_id, bench.text, days=bench.days or None)
        bench.found = box.go_on(who, bench.test)
        bench.labelled = None
        if bench.section not in {"found", "label"}:
            bench.section = "found"

    do(step)
    st.rerun(FRAGMENT)


def on_go_on() -> None:
    """Give a test that ran out of its time as much again."""
    bench = current()
    if bench is not None and bench.test is not None:
        bench.test.cap_s += CAP_S
        go_on()
    st.rerun(FRAGMENT)


def go_on() -> None:
    """The next piece of a running test."""
    bench = current()
    if bench is not None and bench.test is not None:
        bench.found = inbox().lab.go_on(token(), bench.test)


def on_label(item_id: int, *, relevant: bool | None) -> None:
    """Yes, no or pass."""

    def step(box: QueryLab, who: str, bench: Bench) -> None:
        if bench.test is not None:
            box.label(who, bench.brand_id, bench.test.text, item_id, relevant=relevant)
            bench.labelled = item_id

    do(step)
    st.rerun(PART)


def on_unlabel() -> None:
    """The last label back."""

    def step(box: QueryLab, who: str, bench: Bench) -> None:
        if bench.test is not None and bench.labelled is not None:
            box.take_label_back(who, bench.brand_id, bench.test.text, bench.labelled)
            bench.labelled = None

    do(step)
    st.rerun(PART)


def on_accept(clause: str) -> None:
    """A proposed exclusion into the text."""
    do(lambda box, who, bench: _write(bench, box.accepted(who, bench.text, clause)))
    st.rerun([EDITOR, PART])


def on_dismiss(phrase: str) -> None:
    """A proposal that nobody wants to see again."""
    do(lambda box, who, bench: box.dismiss(who, bench.brand_id, phrase))
    st.rerun(PART)


def on_set(set_id: str, key: str) -> None:
    """A ready-made set into the text, or out of it."""
    on = bool(st.session_state[key])
    do(lambda box, who, bench: _write(bench, box.switched(who, bench.text, set_id, on=on)))
    st.rerun([EDITOR, PART])


def on_save() -> None:
    """Keep what stands there as the brand's query."""

    def step(box: QueryLab, who: str, bench: Bench) -> str:
        bench.seen = box.save(who, bench.brand_id, bench.text, seen=bench.seen)
        bench.section = "history"
        return _(
            "The query is saved. It counts within a quarter of a minute for what comes in from now on; "
            "klankbord backfill reads earlier messages again."
        )

    do(step)
    st.rerun(FRAGMENT)


def on_go_back(version_id: int) -> None:
    """An earlier version counts again."""

    def step(box: QueryLab, who: str, bench: Bench) -> str:
        bench.seen = box.go_back(who, version_id)
        _write(bench, box.open(who, bench.brand_id).text)
        return _("The earlier text counts again, as a new version.")

    do(step)
    st.rerun(FRAGMENT)


def on_take(text: str) -> None:
    """The text of a version into the field, to go on from there."""
    bench = current()
    if bench is not None:
        _write(bench, text)
    st.rerun([EDITOR, PART])
