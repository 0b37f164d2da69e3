"""The form in which a rule is written, tried and run. Labels with words of others get `md_escape`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.rules.language import UNKNOWN, Listed
from inbox.rules.views import Progress, RuleView
from inbox.views import PRIORITIES, WHYS, Choices
from screens import page_step, rule_past, rule_words, rules, threads, words
from screens.i18n import _, number, plural
from screens.rule_past import period_in_words
from screens.rule_words import FACTS, FIELDS, Names
from screens.rules import Form, Row
from screens.security import verbatim

_KINDS = ("post", "comment", "review", "article", "topic", "answer", "message", "manual")
_BADGES = ("vip", "journalist", "employee", "staff", "bot")
_SENTIMENTS = ("positive", "negative", "neutral", "mixed", "unsure", UNKNOWN)
_DAYS = (7, 30, 90)
_STARS = (1, 2, 3, 4, 5)


def names_of(choices: Choices) -> Names:
    """Names of everything a rule knows by id."""
    return Names(
        sources={one.value: one.label for one in choices.sources},
        brands={one.value: one.label for one in choices.brands},
        teams={one.value: one.label for one in choices.teams},
        people={one.id: one.name for one in choices.people},
    )


def draw(form: Form, opened: RuleView | None, choices: Choices, *, manages: bool) -> None:
    """Draw the form; without the right to change, it can be read only."""
    names = names_of(choices)
    with st.container(key="ruleshead", horizontal=True, vertical_alignment="center"):
        title = _("New rule") if form.id is None else _("Rule")
        st.html(f'<div class="kb-pagehead"><h1>{title}</h1></div>')
        st.button(_("Back to all rules"), key="rule_back", icon=":material/arrow_back:", on_click=rules.on_close)
    page_step.told()
    form.name = st.text_input(_("Name of the rule"), value=form.name, max_chars=100, key=form.key("name"))
    _conditions(form, "every", _("When all of this is so"), choices, names)
    _conditions(form, "some", _("and at least one of these"), choices, names)
    _actions(form, choices)
    _preview(form, names)
    if manages:
        _buttons(form, opened)
    if form.dry is not None:
        rule_past.dry_run(form.dry, names)
    if opened is not None:
        rule_past.history(opened, names)


def _conditions(form: Form, which: str, head: str, choices: Choices, names: Names) -> None:
    rows = form.every if which == "every" else form.some
    with st.container(key=f"rule_{which}", gap="small"):
        st.html(f'<h2 class="kb-part">{verbatim(head)}</h2>')
        # Numbers go on from the first list, so that no two fields of the form have one name.
        for place, row in enumerate(rows, start=1 if which == "every" else len(form.every) + 1):
            with st.container(key=f"rule_cond_{row.number}", horizontal=True, vertical_alignment="bottom", gap="small"):
                _condition(form, row, place, choices, names)
                st.button(
                    _("Take condition {n} away").format(n=place),
                    key=form.key(f"away{row.number}"),
                    icon=":material/close:",
                    on_click=rules.on_remove,
                    args=(row.number,),
                )
        st.button(
            _("Add a condition") if which == "every" else _("Add an alternative"),
            key=form.key(f"add_{which}"),
            icon=":material/add:",
            on_click=rules.on_add,
            args=(which,),
        )


def _condition(form: Form, row: Row, place: int, choices: Choices, names: Names) -> None:
    was = row.fact
    row.fact = st.selectbox(
        _("Condition {n}").format(n=place),
        list(FACTS),
        index=list(FACTS).index(row.fact),
        format_func=lambda key: rule_words.translated(FACTS[key]),
        key=form.key(f"fact{row.number}"),
        width=190,
    )
    if row.fact != was:
        row.op, row.value = "", None
    ops = rules.ops_of(row.fact)
    suffix = f"{row.number}_{row.fact}"
    if ops:
        row.op = st.selectbox(
            _("Comparison {n}").format(n=place),
            ops,
            index=ops.index(row.op) if row.op in ops else 0,
            format_func=_op,
            key=form.key(f"op{suffix}"),
            width=150,
        )
    label = _("Value {n}").format(n=place)
    key = form.key(f"value{suffix}")
    if row.fact in rules.LISTED:
        row.value = _values(row, label, key, choices, names)
    elif row.fact == "rating":
        stars = round((row.value or 0.4) * 5)
        chosen = st.selectbox(label, _STARS, index=max(0, min(4, stars - 1)), format_func=_stars, key=key, width=150)
        row.value = chosen / 5
    elif row.fact == "followers":
        row.value = st.number_input(label, min_value=0, value=int(row.value or 1000), step=100, key=key, width=180)
    elif row.fact == "age":
        row.value = st.number_input(
            label, min_value=0.0, value=float(row.value or 24), step=1.0, format="%g", key=key, width=180
        )
    elif row.fact not in rules.SAID:
        hint = _('refund OR "money back" -joke') if row.fact == "text" else None
        row.value = st.text_input(label, value=row.value or "", placeholder=hint, key=key, max_chars=5_000)


def _values(row: Row, label: str, key: str, choices: Choices, names: Names) -> list[str]:
    known: dict[str, Sequence[str]] = {
        "source": tuple(names.sources),
        "platform": choices.platforms,
        "kind": _KINDS,
        "language": (*(one.value for one in choices.languages if one.value != "und"), UNKNOWN),
        "brand": tuple(names.brands),
        "visibility": ("public", "private"),
        "sentiment": _SENTIMENTS,
        "handle": (),
        "badge": _BADGES,
    }
    chosen = list(row.value or ())
    listed = Listed(row.fact)
    return st.multiselect(
        label,
        list(dict.fromkeys([*known[row.fact], *chosen])),
        default=chosen,
        format_func=lambda one: rule_words.value(listed, one, names),
        key=key,
        accept_new_options=row.fact in {"handle", "platform", "language"},
        placeholder=_("Choose one or more"),
    )


def _op(key: str) -> str:
    return {
        "is": _("is one of"),
        "is_not": _("is none of"),
        "at_most": _("at most"),
        "at_least": _("at least"),
        "contains": _("contains"),
        "lacks": _("does not contain"),
        "yes": _("yes"),
        "no": _("no"),
    }[key]


def _stars(n: int) -> str:
    return plural("{n} star", "{n} stars", n)


def _actions(form: Form, choices: Choices) -> None:
    chosen = form.actions
    with st.container(key="rule_actions", gap="small"):
        st.html(f'<h2 class="kb-part">{_("do this")}</h2>')
        tags = list(chosen.get("tags") or ())
        chosen["tags"] = st.multiselect(
            _("Add tags"),
            list(dict.fromkeys([*(one.value for one in choices.tags), *tags])),
            default=tags,
            accept_new_options=True,
            key=form.key("tags"),
            placeholder=_("No tags"),
        )
        left, right = st.columns(2)
        with left:
            chosen["priority"] = _maybe(
                _("Set priority"), range(len(PRIORITIES)), chosen.get("priority"), _priority, form.key("priority")
            )
            teams = {one.value: one.label for one in choices.teams}
            chosen["team_id"] = _maybe(
                _("Give to team"), list(teams), chosen.get("team_id"), lambda key: teams.get(key, key), form.key("team")
            )
        with right:
            chosen["why"] = _maybe(_("Set reason for contact"), WHYS, chosen.get("why"), words.why, form.key("why"))
            people = {one.id: one.name for one in choices.people}
            chosen["assignee_id"] = _maybe(
                _("Give to a person"),
                list(people),
                chosen.get("assignee_id"),
                lambda key: people.get(key, "?"),
                form.key("person"),
            )
        with left:
            moves = {"spam": FIELDS["spam"], "ignored": FIELDS["ignored"], "resolved": FIELDS["resolved"]}
            chosen["move"] = _maybe(
                _("Close as"), list(moves), chosen.get("move"), lambda key: _(moves[key]), form.key("move")
            )
        with right:
            if chosen["move"] == "ignored":
                chosen["reason"] = _maybe(
                    _("Why it is ignored"), words.IGNORING, chosen.get("reason"), words.reason, form.key("reason")
                )
        chosen["mute"] = st.checkbox(
            _("Mute: new messages do not open it again"), value=bool(chosen.get("mute")), key=form.key("mute")
        )
        every = st.checkbox(
            _("Look at every message, not only at the first one"), value=form.moment == "every", key=form.key("moment")
        )
        form.moment = "every" if every else "first"
        form.stop = st.checkbox(
            _("Stop here: do not ask the rules behind this one"), value=form.stop, key=form.key("stop")
        )


def _priority(place: int) -> str:
    return words.priority(PRIORITIES[place])


def _maybe(label: str, options: Sequence[Any], value: Any, show: Callable[[Any], str], key: str) -> Any:
    found = list(options)
    if value is not None and value not in found:
        found.append(value)
    return st.selectbox(
        label,
        found,
        index=found.index(value) if value is not None else None,
        format_func=show,
        placeholder=_("Leave as it is"),
        key=key,
    )


def _preview(form: Form, names: Names) -> None:
    try:
        told = rule_words.sentence(rules.draft_of(form, whole=False), names)
    except InboxError as problem:
        st.html(threads.notice("warning", words.error(problem)))
        return
    st.html(f'<p class="kb-sentence" role="status">{verbatim(told)}</p>')


def _buttons(form: Form, opened: RuleView | None) -> None:
    with st.container(key="rule_buttons", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(_("Keep this rule"), type="primary", key="rule_save", icon=":material/save:", on_click=rules.on_save)
        st.button(_("Try it on the past"), key="rule_try", icon=":material/science:", on_click=rules.on_try)
        form.days = st.selectbox(
            _("Period"),
            _DAYS,
            index=_DAYS.index(form.days),
            format_func=period_in_words,
            key=form.key("days"),
            width=150,
        )
    if opened is None:
        return
    rule_id = opened.row.id
    with st.container(key="rule_over", horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            _("Run it over what is open now"),
            key="rule_apply",
            icon=":material/playlist_play:",
            on_click=rules.on_wish,
            args=("apply",),
        )
        if opened.run:
            st.button(
                _("Take the last run back ({n})").format(n=number(opened.run)),
                key="rule_untake",
                icon=":material/undo:",
                on_click=rules.on_wish,
                args=("back",),
            )
        st.button(
            _("Take out of use"),
            key="rule_archive",
            icon=":material/inventory_2:",
            on_click=rules.on_archive,
            args=(rule_id,),
        )


def work(form: Form) -> None:
    """Do the run that was asked for, and show how far it is."""
    wish, form.wish = form.wish, ""
    if not wish or form.id is None:
        return
    bar = st.progress(0.0, _("Busy…"))

    def show(progress: Progress) -> None:
        told = _("{n} of {total}").format(n=number(progress.seen), total=number(progress.total))
        bar.progress(min(1.0, progress.seen / max(1, progress.total)), told)

    (rules.run_over_open if wish == "apply" else rules.take_back_run)(form.id, show)
    bar.empty()
