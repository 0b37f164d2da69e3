"""The form of an alert rule: what is counted, when it fires, whom it tells, and how often it would have fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from inbox.alerts.views import WINDOWS, By, Condition, During, ReceiverView, RuleDraft, RuleView, Scope
from inbox.tone.views import TONES
from inbox.views import Choices
from screens import alert_chart, alert_words, alerts, words
from screens.i18n import N_, _, number
from screens.security import md_escape
from screens.state import utc_now

_WHAT = {"messages": N_("Messages"), "theme": N_("Conversations about a theme")}
_NEW = RuleDraft("", Scope(), Condition(By.DEVIATION, 4.0, window_h=3, minimum=10, cool_down_h=12))
_VALUES: Mapping[By, tuple[float, float, float]] = {
    By.DEVIATION: (4.0, 50.0, 0.5),
    By.PERCENT: (200.0, 10_000.0, 10.0),
    By.COUNT: (50.0, 1_000_000.0, 1.0),
    By.SILENCE: (3.0, 50.0, 0.5),
}
"""What stands there at first, the most, and the step of the buttons."""


def draw(rule: RuleView | None, offered: Choices, receivers: Sequence[ReceiverView]) -> None:
    """The form for a rule that is there, or for a new one."""
    given = rule.draft if rule is not None else _NEW
    with st.container(key="alert_form"):
        st.text_input(_("Name"), value=given.name, key=alerts.named("name"), max_chars=80)
        by = By(st.session_state.get(alerts.named("by")) or given.condition.by)
        if by is By.SILENCE:
            _sources(given.scope, offered)
        else:
            _scope(given, offered)
        _condition(given)
        _when(given, offered)
        names = {one.id: f"{one.name} ({_(alert_words.KINDS[one.kind])})" for one in receivers}
        st.multiselect(
            _("Tell"),
            list(names),
            default=[one for one in given.receivers if one in names],
            format_func=lambda one: md_escape(names[one]),
            key=alerts.named("receivers"),
            placeholder=_("Nobody; it only shows here"),
        )
        with st.container(horizontal=True, gap="small"):
            st.button(
                _("Try it on the last 90 days"), key="alert_try", icon=":material/science:", on_click=alerts.on_try
            )
            st.button(
                _("Keep the rule"),
                key="alert_save",
                type="primary",
                on_click=alerts.on_save,
                args=(rule.id if rule is not None else 0, rule.version if rule is not None else 0),
            )
            st.button(_("Leave it"), key="alert_leave", on_click=alerts.on_edit, args=(None,))
        _tried()


def _scope(given: RuleDraft, offered: Choices) -> None:
    scope = given.scope
    themes = {one.value: one.label for one in offered.themes}
    kinds = list(_WHAT) if themes else ["messages"]
    what = st.segmented_control(
        _("What is counted"),
        kinds,
        default="theme" if scope.theme_id is not None and themes else "messages",
        format_func=lambda one: _(_WHAT[one]),
        key=alerts.named("what"),
        required=True,
    )
    if what == "theme":
        here = str(scope.theme_id)
        st.selectbox(
            _("Theme"),
            list(themes),
            index=list(themes).index(here) if here in themes else 0,
            format_func=lambda one: themes[one],
            key=alerts.named("theme"),
        )
        return
    brands = {one.value: one.label for one in offered.brands}
    with st.container(horizontal=True, gap="small"):
        st.selectbox(
            _("Brand"),
            list(brands),
            index=list(brands).index(scope.brand_id) if scope.brand_id in brands else None,
            format_func=lambda one: brands[one],
            key=alerts.named("brand"),
            placeholder=_("Every brand"),
        )
        _sources(scope, offered)
        st.multiselect(
            _("Tone"),
            list(TONES),
            default=list(scope.sentiments),
            format_func=words.sentiment,
            key=alerts.named("tones"),
            placeholder=_("Every tone"),
        )
    st.text_input(
        _("Query"),
        value=scope.query,
        key=alerts.named("query"),
        placeholder="storing OR (app AND crasht)",
        help=_('Only messages that match: words, AND, OR, NOT, "a phrase", begin*. Empty for all.'),
    )


def _sources(scope: Scope, offered: Choices) -> None:
    sources = {one.value: one.label for one in offered.sources}
    st.multiselect(
        _("Sources"),
        list(sources),
        default=[one for one in scope.source_ids if one in sources],
        format_func=lambda one: md_escape(sources[one]),
        key=alerts.named("sources"),
        placeholder=_("Every source"),
    )


def _condition(given: RuleDraft) -> None:
    condition = given.condition
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        by = By(
            st.selectbox(
                _("Fires from"),
                list(By)[::-1],
                index=list(By)[::-1].index(condition.by),
                format_func=lambda one: _(alert_words.BY[one]),
                key=alerts.named("by"),
            )
        )
        first, most, step = _VALUES[by]
        st.number_input(
            _("How many"),
            min_value=step,
            max_value=most,
            value=min(most, max(step, condition.value if condition.by is by else first)),
            step=step,
            key=alerts.named(f"value_{by.value}"),
            format="%g",
        )
        st.selectbox(
            _("Within"),
            WINDOWS,
            index=WINDOWS.index(condition.window_h),
            format_func=lambda one: _("an hour") if one == 1 else _("{n} hours").format(n=number(one)),
            key=alerts.named("window"),
        )
    with st.container(horizontal=True, gap="small"):
        if by is not By.COUNT:
            silence = by is By.SILENCE
            st.number_input(
                _("Where at least so many are usual") if silence else _("At least so many messages"),
                min_value=1,
                max_value=1_000_000,
                value=condition.minimum,
                key=alerts.named("minimum"),
                help=_("Where little is usual, an hour without a message says nothing.")
                if silence
                else _("Where little is said, a few messages are far above what is usual; that is no news yet."),
            )
        st.number_input(
            _("Hours of quiet after it fired"),
            min_value=1,
            max_value=336,
            value=condition.cool_down_h,
            key=alerts.named("pause"),
        )


def _when(given: RuleDraft, offered: Choices) -> None:
    teams = {one.value: one.label for one in offered.teams}
    with st.container(horizontal=True, gap="small"):
        during = st.selectbox(
            _("When"),
            list(During) if teams else [During.ALWAYS],
            index=list(During).index(given.during) if teams else 0,
            format_func=lambda one: _(alert_words.DURING[one]),
            key=alerts.named("during"),
        )
        if during != During.ALWAYS:
            st.selectbox(
                _("Opening hours of"),
                list(teams),
                index=list(teams).index(given.team_id) if given.team_id in teams else 0,
                format_func=lambda one: teams[one],
                key=alerts.named("team"),
            )


def _tried() -> None:
    tried = alerts.page().tried
    if tried is None:
        return
    now = utc_now()
    with st.container(key="alert_trial"):
        told = alert_words.trial(tried[1], now, silence=tried[0].condition.by is By.SILENCE)
        st.html(f'<div class="kb-tried" id="kb-alert-trial">{told}</div>')
        if tried[1].n:
            alert_chart.draw(tried[1], now)
