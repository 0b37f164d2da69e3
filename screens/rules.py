"""The form of a rule: its rows as a browser tab keeps them, from a kept rule and back, and the steps behind buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import streamlit as st

from inbox.errors import BadInput
from inbox.rules.door import Rules
from inbox.rules.language import Draft, Listed, OneOf, Said, Written, written
from inbox.rules.views import DryRun, Progress
from inbox.sentences import Sentence
from inbox.service import Inbox
from screens import actions, components, page_step
from screens.i18n import _, plural

_KEY = "klankbord_rule"
FRAGMENT = "rules"
LISTED = frozenset(one.value for one in Listed)
WRITTEN = frozenset(one.value for one in Written)
SAID = frozenset(one.value for one in Said)


@dataclass(slots=True)
class Row:
    """One condition of the form. `op` and `value` mean what the fact makes of them."""

    number: int
    fact: str = "source"
    op: str = ""
    value: Any = None


@dataclass(slots=True)
class Form:
    """A rule being written. `id` None: a new one. `opened` makes the keys of its fields, so that they start anew.

    `wish`: a run over open work that the next drawing begins with (`apply`, `back`).
    """

    id: int | None
    opened: int
    seen: datetime | None = None
    every: list[Row] = field(default_factory=list)
    some: list[Row] = field(default_factory=list)
    name: str = ""
    actions: dict[str, Any] = field(default_factory=dict)
    moment: str = "first"
    stop: bool = False
    rows_made: int = 0
    dry: DryRun | None = None
    days: int = 30
    wish: str = ""

    def row(self, **parts: Any) -> Row:
        """A row with a number of its own."""
        self.rows_made += 1
        return Row(self.rows_made, **parts)

    def key(self, name: str) -> str:
        """The key of a field of this form."""
        return f"rule_{name}_{self.opened}"


def current() -> Form | None:
    """The rule being written in this tab, or None: the list is shown."""
    return cast("Form | None", st.session_state.get(_KEY))


def ops_of(fact: str) -> tuple[str, ...]:
    """How a fact can be compared; empty when there is one way only."""
    if fact in LISTED:
        return ("is", "is_not")
    if fact in {"rating", "age"}:
        return ("at_most", "at_least")
    if fact in WRITTEN:
        return ("contains", "lacks")
    if fact in SAID:
        return ("yes", "no")
    return ()


def form_of(draft: Draft | None, *, rule_id: int | None, seen: datetime | None) -> Form:
    """The form of a kept rule, or an empty one."""
    opened = int(st.session_state.get("klankbord_rules_opened", 0)) + 1
    st.session_state["klankbord_rules_opened"] = opened
    form = Form(rule_id, opened, seen)
    if draft is None:
        form.every.append(form.row())
        return form
    form.name, form.moment, form.stop = draft.name, draft.moment, draft.stop
    form.actions = draft.actions.model_dump()
    form.every = [form.row(**_row_of(one)) for one in draft.conditions.all_of]
    form.some = [form.row(**_row_of(one)) for one in draft.conditions.any_of]
    return form


def _row_of(one: Any) -> dict[str, Any]:  # noqa: PLR0911 - one line per kind of condition
    if isinstance(one, OneOf):
        return {"fact": one.field.value, "op": "is_not" if one.negated else "is", "value": list(one.values)}
    match one.test:
        case "rating":
            low = one.at_least is not None
            return {
                "fact": "rating",
                "op": "at_least" if low else "at_most",
                "value": one.at_least if low else one.at_most,
            }
        case "age":
            low = one.at_least_h is not None
            found = one.at_least_h if low else one.at_most_h
            return {"fact": "age", "op": "at_least" if low else "at_most", "value": found}
        case "is":
            return {"fact": one.what.value, "op": "yes" if one.yes else "no"}
        case "contains":
            return {"fact": one.field.value, "op": "lacks" if one.negated else "contains", "value": one.text}
        case "followers":
            return {"fact": "followers", "value": one.at_least}
    return {"fact": "text", "value": one.query}


def condition_of(row: Row) -> dict[str, Any] | None:  # noqa: PLR0911 - one line per kind of condition
    """What a row says, as plain values; None while something in it is missing."""
    fact, op, found = row.fact, row.op or next(iter(ops_of(row.fact)), ""), row.value
    if fact in SAID:
        return {"test": "is", "what": fact, "yes": op != "no"}
    if found is None or found == [] or (isinstance(found, str) and not found.strip()):
        return None
    if fact in LISTED:
        return {"test": "one_of", "field": fact, "values": list(found), "negated": op == "is_not"}
    if fact == "rating":
        return {"test": "rating", op: found}
    if fact == "age":
        return {"test": "age", f"{op}_h": found}
    if fact in WRITTEN:
        return {"test": "contains", "field": fact, "text": found, "negated": op == "lacks"}
    if fact == "followers":
        return {"test": "followers", "at_least": found}
    return {"test": "text", "query": found}


def draft_of(form: Form, *, whole: bool) -> Draft:
    """The rule that a form says. With `whole`, a row in which something is missing is refused; else it is passed over.

    Raises:
        BadInput: something is missing or cannot be used.
    """
    lists: dict[str, list[dict[str, Any]]] = {}
    for name, rows in (("all_of", form.every), ("any_of", form.some)):
        found = [condition_of(row) for row in rows]
        if whole and None in found:
            raise BadInput(Sentence("A condition is not filled in. Fill it in, or take it away."), rule="condition")
        lists[name] = [one for one in found if one is not None]
    actions = {name: found for name, found in form.actions.items() if found not in (None, "", [])}
    if actions.get("move") != "ignored":
        actions.pop("reason", None)
    name = form.name.strip() or ("" if whole else "?")
    return written(name=name, conditions=lists, actions=actions, moment=form.moment, stop=form.stop)


def do(step: Callable[[Rules, str], object], *, said: str = "") -> bool:
    """Take a step through the door of rules; what is refused is told at the top of the page."""

    def through_the_door(box: Inbox, who: str) -> str:
        step(box.rules, who)
        return said

    return page_step.do(through_the_door)


def on_new() -> None:
    """An empty form."""
    st.session_state[_KEY] = form_of(None, rule_id=None, seen=None)
    st.rerun(FRAGMENT)


def on_open(rule_id: int) -> None:
    """The form of a kept rule."""
    open_rule(rule_id)
    st.rerun(FRAGMENT)


def open_rule(rule_id: int) -> None:
    """Show a rule, also from a link."""

    def step(box: Rules, who: str) -> None:
        row = box.open(who, rule_id).row
        st.session_state[_KEY] = form_of(row.draft, rule_id=row.id, seen=row.updated_at)

    do(step)


def on_close() -> None:
    """Back to the list; what was not kept is let go."""
    st.session_state[_KEY] = None
    st.rerun(FRAGMENT)


def on_add(which: str) -> None:
    """One more condition."""
    form = current()
    if form is not None:
        (form.every if which == "every" else form.some).append(form.row())
    st.rerun(FRAGMENT)


def on_remove(number: int) -> None:
    """One condition less."""
    form = current()
    if form is not None:
        form.every = [row for row in form.every if row.number != number]
        form.some = [row for row in form.some if row.number != number]
    st.rerun(FRAGMENT)


def on_save() -> None:
    """Keep what the form says."""
    form = current()
    if form is not None:

        def step(box: Rules, who: str) -> None:
            number = box.save(who, draft_of(form, whole=True), rule_id=form.id, seen=form.seen)
            kept = box.open(who, number).row
            form.id, form.seen = kept.id, kept.updated_at

        do(step, said=_("The rule is kept. It counts from the next message on."))
    st.rerun(FRAGMENT)


def on_try() -> None:
    """Run what the form says over what came in before, without changing anything."""
    form = current()
    if form is not None:

        def step(box: Rules, who: str) -> None:
            form.dry = None
            form.dry = box.dry_run(who, draft_of(form, whole=True), rule_id=form.id, days=form.days)

        do(step)
    st.rerun(FRAGMENT)


def on_move(rule_id: int, by: int) -> None:
    """One place up or down."""
    do(lambda box, who: box.move(who, rule_id, by=by))
    st.rerun(FRAGMENT)


def on_switch(rule_id: int, key: str) -> None:
    """On or off."""
    do(lambda box, who: box.switch(who, rule_id, on=bool(st.session_state[key])))
    st.rerun(FRAGMENT)


def on_archive(rule_id: int) -> None:
    """Out of use for good."""
    if do(lambda box, who: box.archive(who, rule_id), said=_("The rule is out of use. What it did stays.")):
        st.session_state[_KEY] = None
    st.rerun(FRAGMENT)


def on_take_back() -> None:
    """What a rule did to the open conversation is taken back, from its timeline."""
    sent = components.sent("dossier", "take_back")
    number = str(sent.get("event", ""))
    if number.isdecimal():
        actions.take(lambda box, who: box.rules.take_back(who, int(number)), conversation_id=0)
    actions.redraw(*actions.ALL)


def on_wish(wish: str) -> None:
    """A run over open work is asked for; the page does it while it is drawn, so that it can show how far it is."""
    form = current()
    if form is not None:
        form.wish = wish
    st.rerun(FRAGMENT)


def run_over_open(rule_id: int, show: Callable[[Progress], None]) -> None:
    """Run a kept rule over everything that is open, telling how far it came."""
    _run(
        lambda box, who, so_far: box.apply(who, rule_id, so_far),
        show,
        told=lambda n: plural("{n} open conversation was changed.", "{n} open conversations were changed.", n),
    )


def take_back_run(rule_id: int, show: Callable[[Progress], None]) -> None:
    """Take back everything the last run over open work did."""
    _run(
        lambda box, who, so_far: box.take_back_run(who, rule_id, so_far),
        show,
        told=lambda n: plural("Taken back on {n} conversation.", "Taken back on {n} conversations.", n),
    )


def _run(
    stretch: Callable[[Rules, str, Progress | None], Progress],
    show: Callable[[Progress], None],
    *,
    told: Callable[[int], str],
) -> None:
    """Do stretch after stretch until it is done, telling how far it came, and at the end what came of it."""

    def step(box: Inbox, who: str) -> str:
        progress = stretch(box.rules, who, None)
        show(progress)
        while not progress.done:
            progress = stretch(box.rules, who, progress)
            show(progress)
        return told(progress.changed)

    page_step.do(step)
