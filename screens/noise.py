"""Steps behind the buttons of the Noise page, and the small form for a word in the inbox: thin, through the door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import streamlit as st

from inbox.noise.door import Noise
from inbox.noise.index import Kind
from inbox.noise.views import Imported, NoiseDraft, NoiseTrial
from inbox.rules.views import Progress
from inbox.service import Inbox
from screens import page_step
from screens.i18n import _, plural

FRAGMENT = "noise"
PARTS = ("rules", "aside", "suggestions")
_KEY = "klankbord_noise"
_MOST_REFUSED = 5


@dataclass(slots=True)
class Page:
    """What a tab looks at on the Noise page.

    Attributes:
        part: rules, aside or suggestions.
        opened: the rule whose past is shown.
        tried: the rule that was tried last, and what it would have done.
        before: where the page of what was set aside begins.
        made: counts rules made here, so that the form starts anew.
    """

    part: str = "rules"
    opened: int | None = None
    tried: tuple[NoiseDraft, NoiseTrial] | None = None
    before: tuple[datetime, int] | None = None
    made: int = 0


def page() -> Page:
    """The page of this tab."""
    return cast("Page", st.session_state.setdefault(_KEY, Page()))


def do(step: Callable[[Noise, str], object], *, said: str = "") -> bool:
    """Take a step; what is refused is told at the top of the page."""

    def through_the_door(box: Inbox, who: str) -> str:
        step(box.noise, who)
        return said

    return page_step.do(through_the_door)


def on_part(part: str) -> None:
    """Another part of the page."""
    page().part = part if part in PARTS else "rules"
    page().before = None
    st.rerun(FRAGMENT)


def on_open(rule_id: int | None) -> None:
    """Show the past of a rule, or of none."""
    page().opened = rule_id
    st.rerun(FRAGMENT)


def draft_of(key: Callable[[str], str]) -> NoiseDraft:
    """The rule as it stands in the form; `key` names its fields."""
    state: Any = st.session_state
    chosen = Kind(state.get(key("kind")) or Kind.SITE)
    return NoiseDraft(
        chosen,
        str(state.get(key("text")) or ""),
        platform=state.get(key("platform")) if chosen is Kind.AUTHOR else None,
        brand_id=state.get(key("brand")),
        source_id=state.get(key("source")),
        direct=bool(state.get(key("direct"))) and chosen is Kind.AUTHOR,
        proposes=bool(state.get(key("proposes"))),
        why=str(state.get(key("why")) or ""),
    )


def field(name: str) -> str:
    """The key of a field of the form."""
    return f"noise_{name}_{page().made}"


def on_try() -> None:
    """What the rule of the form would have done."""
    draft = draft_of(field)
    page().tried = None

    def step(box: Noise, who: str) -> None:
        page().tried = (draft, box.trial(who, draft))

    do(step)
    st.rerun(FRAGMENT)


def on_make() -> None:
    """Keep the rule of the form, switched on."""
    draft = draft_of(field)
    if do(lambda box, who: box.save(who, draft), said=_("The rule is made; it holds for what comes in from now on.")):
        page().made += 1
        page().tried = None
    st.rerun(FRAGMENT)


def on_switch(rule_id: int, key: str) -> None:
    """Switch a rule on or off."""
    on = bool(st.session_state[key])
    do(lambda box, who: box.switch(who, rule_id, on=on))
    st.rerun(FRAGMENT)


def on_propose(rule_id: int, key: str) -> None:
    """Let a rule only propose, or set aside by itself."""
    proposes = bool(st.session_state[key])
    do(lambda box, who: box.propose(who, rule_id, proposes=proposes))
    st.rerun(FRAGMENT)


def on_apply(rule_id: int) -> None:
    """Set aside what is open now and meets a rule."""

    def step(box: Inbox, who: str) -> str:
        progress: Progress | None = None
        while progress is None or not progress.done:
            progress = box.noise.apply(who, rule_id, progress)
        return plural(
            "{n} open conversation was set aside.", "{n} open conversations were set aside.", progress.changed
        )

    page_step.take(FRAGMENT, step)


def on_take_back(rule_id: int) -> None:
    """End a rule, and bring back all it set aside that nobody touched since."""

    def step(box: Inbox, who: str) -> str:
        progress: Progress | None = None
        while progress is None or not progress.done:
            progress = box.noise.take_back(who, rule_id, progress)
        return plural(
            "The rule is gone; {n} conversation came back.",
            "The rule is gone; {n} conversations came back.",
            progress.changed,
        )

    if page_step.do(step):
        page().opened = None
    st.rerun(FRAGMENT)


def on_bring_back(event_id: int) -> None:
    """Bring one conversation back; the rule leaves it alone from then on."""

    def step(box: Inbox, who: str) -> str:
        box.rules.take_back(who, event_id)
        return _("It is new again; the rule leaves it alone from now on.")

    page_step.take(FRAGMENT, step)


def on_page(before: tuple[datetime, int] | None) -> None:
    """Another page of what was set aside."""
    page().before = before
    st.rerun(FRAGMENT)


def on_accept(key: tuple[Kind, str]) -> None:
    """Make what is suggested."""
    do(lambda box, who: box.accept(who, key), said=_("The rule is made; it holds for what comes in from now on."))
    st.rerun(FRAGMENT)


def on_decline(key: tuple[Kind, str]) -> None:
    """Say no to a suggestion."""
    do(
        lambda box, who: box.decline(who, key),
        said=_("It comes back only when twice as many messages speak for it."),
    )
    st.rerun(FRAGMENT)


def on_import(key: str) -> None:
    """Read a list."""
    file = st.session_state.get(key)

    def step(box: Inbox, who: str) -> str:
        return "" if file is None else _imported(box.noise.import_list(who, file.getvalue()))

    if page_step.do(step):
        page().made += 1
    st.rerun(FRAGMENT)


def _imported(told: Imported) -> str:
    said = plural("{n} rule made.", "{n} rules made.", told.made)
    if told.known:
        said += " " + plural("{n} stood already.", "{n} stood already.", told.known)
    if told.refused:
        some = "; ".join(f"{line}: {why}" for line, why in told.refused[:_MOST_REFUSED])
        said += " " + _("Lines that could not be used: {lines}").format(lines=some)
    return said
