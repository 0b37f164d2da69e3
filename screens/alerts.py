"""Steps behind the buttons of the Alerts page and the line in the inbox: thin, through the door of alerts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import streamlit as st

from inbox.alerts.door import Alerts
from inbox.alerts.views import AlertView, By, Condition, During, RuleDraft, Scope, Trial
from inbox.service import Inbox
from inbox.views import Filters, View
from screens import actions, page_step
from screens.i18n import _
from screens.state import tab

FRAGMENT = "alerts"
BAR = "alert_bar"
_KEY = "klankbord_alerts"


@dataclass(slots=True)
class Page:
    """What a tab looks at on the Alerts page.

    Attributes:
        opened: the alert that is shown whole.
        editing: the rule that is changed; 0 for a new one, None for none.
        tried: the draft that was tried last, and what came of it.
        fresh: grows when forms are to begin anew.
        key: the key of a webhook that was just made; shown once.
        closed: lines in the inbox that this tab closed.
    """

    opened: int | None = None
    editing: int | None = None
    tried: tuple[RuleDraft, Trial] | None = None
    fresh: int = 0
    key: str = ""
    closed: set[int] = field(default_factory=set)


def page() -> Page:
    """The page of this tab."""
    return cast("Page", st.session_state.setdefault(_KEY, Page()))


def named(name: str) -> str:
    """The key of a field of the form for rules."""
    return f"alert_{page().editing}_{page().fresh}_{name}"


def draft() -> RuleDraft:
    """The rule as it stands in the form."""
    state: Any = st.session_state

    def value(name: str, otherwise: Any) -> Any:
        found = state.get(named(name))
        return otherwise if found is None else found

    by_theme = value("what", "messages") == "theme"
    scope = (
        Scope(theme_id=int(value("theme", 0)) or None)
        if by_theme
        else Scope(
            brand_id=str(value("brand", "")),
            source_ids=tuple(value("sources", ())),
            sentiments=tuple(value("tones", ())),
            query=str(value("query", "")),
        )
    )
    by = By(value("by", By.DEVIATION))
    condition = Condition(
        by,
        float(value(f"value_{by.value}", 0)),
        window_h=int(value("window", 1)),
        minimum=int(value("minimum", 1)) if by is not By.COUNT else 1,
        cool_down_h=int(value("pause", 1)),
    )
    return RuleDraft(
        name=str(value("name", "")),
        scope=scope,
        condition=condition,
        during=During(value("during", During.ALWAYS)),
        team_id=state.get(named("team")),
        receivers=tuple(value("receivers", ())),
    )


def on_edit(rule_id: int | None) -> None:
    """Change a rule, make one (0), or stop (None)."""
    here = page()
    here.editing, here.tried, here.fresh = rule_id, None, here.fresh + 1
    st.rerun(FRAGMENT)


def on_try() -> None:
    """See how often the rule would have fired."""
    wanted, here = draft(), page()
    here.tried = None

    def step(box: Alerts, who: str) -> None:
        here.tried = (wanted, box.back_test(who, wanted))

    _do(step)
    st.rerun(FRAGMENT)


def on_save(rule_id: int, version: int) -> None:
    """Keep the rule."""
    wanted, here = draft(), page()

    said = _("The rule is kept; it is looked at every five minutes.")
    if _do(lambda box, who: box.save(who, wanted, rule_id=rule_id or None, version=version), said=said):
        here.editing, here.tried, here.fresh = None, None, here.fresh + 1
    st.rerun(FRAGMENT)


def on_switch(rule_id: int, active: bool) -> None:
    """Let a rule look, or not."""
    _do(lambda box, who: box.switch(who, rule_id, active=active))
    st.rerun(FRAGMENT)


def on_archive(rule_id: int) -> None:
    """Take a rule out of use."""
    said = _("The rule is out of use; what it found stays.")
    _do(lambda box, who: box.archive(who, rule_id), said=said)
    st.rerun(FRAGMENT)


def on_open(alert_id: int | None) -> None:
    """Show an alert whole, or none."""
    page().opened = alert_id
    st.rerun(FRAGMENT)


def on_judge(alert_id: int, verdict: str | None) -> None:
    """Say whether it was real."""
    _do(lambda box, who: box.judge(who, alert_id, verdict))
    st.rerun(FRAGMENT)


def on_add(prefix: str) -> None:
    """Keep a new receiver."""
    state: Any = st.session_state
    here = page()
    here.key = ""

    def step(box: Alerts, who: str) -> None:
        _id, key = box.add_receiver(
            who,
            name=str(state.get(f"{prefix}_name")),
            kind=str(state.get(f"{prefix}_kind")),
            address=str(state.get(f"{prefix}_address")),
        )
        here.key = key or ""

    if _do(step, said=_("The receiver is kept. Send a test to see whether it can be told.")):
        here.fresh += 1
    st.rerun(FRAGMENT)


def on_end(receiver_id: int) -> None:
    """Tell somebody no more."""
    said = _("The receiver is told no more; the address is forgotten.")
    _do(lambda box, who: box.end_receiver(who, receiver_id), said=said)
    st.rerun(FRAGMENT)


def on_test(receiver_id: int) -> None:
    """Send a test."""
    said = _("A test is on its way; what becomes of it stands at the receiver.")
    _do(lambda box, who: box.test(who, receiver_id), said=said)
    st.rerun(FRAGMENT)


def on_again(delivery_id: int) -> None:
    """Tell again what may not have arrived."""
    _do(lambda box, who: box.send_again(who, delivery_id))
    st.rerun(FRAGMENT)


def on_close(alert_id: int) -> None:
    """Close the line in the inbox, in this tab."""
    page().closed.add(alert_id)
    st.rerun(BAR)


def show_in_inbox(one: AlertView) -> None:
    """The messages of an alert in the inbox."""
    scope = one.scope
    tab().view = View.ALL
    actions.narrow(
        Filters(
            search=scope.query,
            brand_ids=(scope.brand_id,) if scope.brand_id else (),
            source_ids=scope.source_ids,
            sentiments=scope.sentiments,
            theme_ids=(scope.theme_id,) if scope.theme_id is not None else (),
            since=one.since,
            until=one.until,
        )
    )


def on_seen(alert_id: int) -> None:
    """Close the line in the inbox for everybody."""
    _do(lambda box, who: box.see(who, alert_id), said=_("The line in the inbox is closed for everybody."))
    st.rerun(FRAGMENT)


def _do(step: Callable[[Alerts, str], object], *, said: str = "") -> bool:
    def through_the_door(box: Inbox, who: str) -> str:
        step(box.alerts, who)
        return said

    return page_step.do(through_the_door)
