"""The Noise page: rules with their hits, what they set aside, and what agents' marks suggest.

Names and texts are words of others: labels get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.noise.index import Kind
from inbox.noise.views import Aside, NoiseRow, NoiseTrial, NoiseView, Stand, Suggestion
from inbox.permissions import Permission
from inbox.rules.views import Drift
from inbox.views import Choices, CurrentUser
from screens import noise, noise_words, page_step, sidebar, threads, words
from screens.i18n import N_, _, full_moment, moment, number, plural
from screens.rule_past import hits_in_words, per_day
from screens.security import md_escape, verbatim
from screens.state import enter, inbox, token

_SHOWN = 100
_PARTS = {"rules": N_("Rules"), "aside": N_("Set aside"), "suggestions": N_("Suggestions")}
_WRITTEN = (Kind.SITE, Kind.AUTHOR, Kind.WORD, Kind.PATTERN)


def draw() -> None:
    """Draw the page."""
    wanted = str(st.query_params.get("rule", ""))
    if wanted.isdecimal() and len(wanted) < 20:
        del st.query_params["rule"]
        noise.page().part, noise.page().opened = "rules", int(wanted)
    with st.container(key="noisepage"):
        _noise()


@st.fragment(key=noise.FRAGMENT)
def _noise() -> None:
    try:
        user = enter()
        with st.sidebar:
            sidebar.draw(user, None)
        totals = inbox().noise.totals(token())
        told = _("{day} set aside today, {week} this week, {ever} in all").format(
            day=number(totals.day), week=number(totals.week), ever=number(totals.ever)
        )
        page_step.heading(_("Noise"), verbatim(told))
        page_step.told()
        manages = user.may(Permission.MANAGE_WORK)
        part = _part(manages=manages)
        if part == "aside":
            _aside(user)
        elif part == "suggestions":
            _suggestions()
        else:
            _rules(user, manages=manages)
    except NotSignedIn:
        page_step.signed_out()
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))


def _part(*, manages: bool) -> str:
    offered = [one for one in noise.PARTS if manages or one != "suggestions"]
    here = noise.page().part if noise.page().part in offered else "rules"
    with st.container(key="noise_parts", horizontal=True, gap="small"):
        for one in offered:
            st.button(
                _(_PARTS[one]),
                key=f"noise_part_{one}",
                type="primary" if one == here else "secondary",
                on_click=noise.on_part,
                args=(one,),
            )
    return here


# Rules


def _rules(user: CurrentUser, *, manages: bool) -> None:
    choices = inbox().choices(token())
    if manages:
        _form(choices)
        _lists(user)
    found = inbox().noise.listing(token())
    if not found:
        lead = _("Mark something as spam in the inbox, and say there whether its author, site or words are noise too.")
        st.html(f'<div class="kb-empty"><h2>{_("No noise rules yet")}</h2><p>{verbatim(lead)}</p></div>')
        return
    wanted = ""
    if len(found) > 10:
        wanted = str(st.text_input(_("Find a rule"), key="noise_find", max_chars=200) or "").casefold()
    fits = [one for one in found if wanted in f"{one.shown} {one.why}".casefold()]
    names = {one.value: one.label for one in (*choices.brands, *choices.sources)}
    for row in _first(fits):
        _row(row, user, names, manages=manages)
    if len(fits) > _SHOWN:
        more = _("{n} more; find them by a part of their text.").format(n=number(len(fits) - _SHOWN))
        st.html(f'<p class="kb-aside kb-soft">{verbatim(more)}</p>')


def _first(fits: Sequence[NoiseRow]) -> Sequence[NoiseRow]:
    """What is shown: the busiest, and the one that is opened wherever it stands."""
    shown = list(fits[:_SHOWN])
    return shown + [one for one in fits[_SHOWN:] if one.id == noise.page().opened]


def _form(choices: Choices) -> None:
    field = noise.field
    tried = noise.page().tried
    with st.expander(_("New noise rule"), icon=":material/add:", expanded=tried is not None, key="noise_new"):
        kind = st.selectbox(
            _("What is noise"),
            _WRITTEN,
            format_func=noise_words.kind,
            key=field("kind"),
        )
        st.text_input(
            _("Which"), key=field("text"), max_chars=500, help=_(noise_words.EXAMPLES.get(kind, "")) if kind else None
        )
        if kind is Kind.AUTHOR:
            st.selectbox(
                _("Platform"), choices.platforms, index=None, key=field("platform"), placeholder=_("Every platform")
            )
            st.toggle(_("Also when they write to us directly"), key=field("direct"))
        with st.container(horizontal=True, gap="small"):
            brands, sources = ({one.value: one.label for one in some} for some in (choices.brands, choices.sources))
            st.selectbox(
                _("Brand"),
                list(brands),
                index=None,
                key=field("brand"),
                format_func=lambda one: brands[one],
                placeholder=_("Every brand"),
            )
            st.selectbox(
                _("Source"),
                list(sources),
                index=None,
                key=field("source"),
                format_func=lambda one: sources[one],
                placeholder=_("Every source"),
            )
        st.text_input(_("Why"), key=field("why"), max_chars=500)
        st.toggle(_("Only propose; a person decides"), key=field("proposes"))
        with st.container(horizontal=True, gap="small"):
            st.button(
                _("Try it on the last 30 days"), key="noise_try", icon=":material/science:", on_click=noise.on_try
            )
            st.button(_("Make the rule"), key="noise_make", type="primary", on_click=noise.on_make)
        if tried is not None:
            _trial(tried[1])


def _lists(user: CurrentUser) -> None:
    with st.expander(_("Lists"), icon=":material/list:", key="noise_lists"):
        lead = _(
            "A CSV file with the columns kind (author, site, word, pattern), value, platform, brand, source, why; "
            "or one site per line."
        )
        st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
        key = noise.field("file")
        st.file_uploader(_("Read a list"), type=["csv", "txt"], key=key)
        with st.container(horizontal=True, gap="small"):
            st.button(_("Make rules of it"), key="noise_import", on_click=noise.on_import, args=(key,))
            if user.may(Permission.EXPORT):
                st.download_button(
                    _("Save all rules as a list"),
                    _taken_out,
                    file_name="klankbord-noise.csv",
                    mime="text/csv",
                    key="noise_export",
                    on_click="ignore",
                    icon=":material/download:",
                )


def _taken_out() -> bytes:
    return inbox().noise.export_list(token()).encode()


def _row(row: NoiseRow, user: CurrentUser, names: Mapping[str, str], *, manages: bool) -> None:
    shown = noise_words.about(row, row.shown)
    mine = row.by is not None and row.by.id == user.id and user.may(Permission.WORK)
    is_open = noise.page().opened == row.id
    with st.container(key=f"rule_row_noise_{row.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="kb-rule {"" if row.active else "off"}"><div><span class="kb-badge">'
            f"{verbatim(noise_words.kind(row.kind))}</span> <b><bdi>{verbatim(shown)}</bdi></b>{_signs(row)}"
            f"<p>{verbatim(_hits(row))}</p>"
            f'<span class="kb-soft">{verbatim(noise_words.facts(row, names))}</span></div></div>'
        )
        with st.container(key=f"rule_steps_noise_{row.id}", horizontal=True, vertical_alignment="center", gap="small"):
            key = f"noise_on_{row.id}_{row.active}"
            st.toggle(
                _("{name} is switched on").format(name=md_escape(shown)),
                value=row.active,
                key=key,
                label_visibility="collapsed",
                disabled=not (manages or mine),
                on_change=noise.on_switch,
                args=(row.id, key),
            )
            st.button(
                _("Close") if is_open else _("Look"),
                key=f"noise_open_{row.id}",
                on_click=noise.on_open,
                args=(None if is_open else row.id,),
            )
    if is_open:
        _opened(inbox().noise.open(token(), row.id), changes=manages or mine)


def _hits(row: NoiseRow) -> str:
    told = hits_in_words(row.hits, inbox().now())
    if not row.hits.total:
        return told
    today = plural("{n} hit in 24 hours", "{n} hits in 24 hours", row.hits.day)
    return f"{today} · {told} · {noise_words.set_aside(row)}"


def _signs(row: NoiseRow) -> str:
    if not row.active:
        return f' <span class="kb-badge">{_("off")}</span>'
    signs = f' <span class="kb-badge">{_("only proposes")}</span>' if row.proposes else ""
    if row.hits.drift is Drift.STOPPED:
        signs += f' <span class="kb-badge orange">{_("stopped hitting a week ago")}</span>'
    if row.hits.drift is Drift.SURGE:
        signs += f' <span class="kb-badge orange">{_("suddenly hits far more often")}</span>'
    return signs


def _opened(opened: NoiseView, *, changes: bool) -> None:
    row, now = opened.row, inbox().now()
    lines = "".join(
        f"<li><b>{verbatim(by.name if by else '?')}</b> {verbatim(noise_words.version(code))} "
        f'<span class="kb-soft">{verbatim(moment(at, now))}</span></li>'
        for at, code, by in opened.history
    )
    origin = (
        f'<p><a href="/?c={row.conversation_id}" target="_blank" rel="noopener">'
        f"{verbatim(_('The conversation it was made from'))}</a></p>"
        if row.conversation_id
        else ""
    )
    with st.container(key=f"noise_past_{row.id}"):
        st.html(f'<section class="kb-past">{per_day(opened.per_day)}{origin}<ul>{lines}</ul></section>')
        if changes:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                key = f"noise_proposes_{row.id}_{row.proposes}"
                st.toggle(
                    _("Only propose; a person decides"),
                    value=row.proposes,
                    key=key,
                    on_change=noise.on_propose,
                    args=(row.id, key),
                )
                if row.active and not row.proposes:
                    st.button(
                        _("Set aside what is open now"),
                        key=f"noise_apply_{row.id}",
                        icon=":material/playlist_remove:",
                        on_click=noise.on_apply,
                        args=(row.id,),
                    )
                st.button(
                    _("Take back: end it, and bring everything back"),
                    key=f"noise_back_{row.id}",
                    icon=":material/undo:",
                    on_click=noise.on_take_back,
                    args=(row.id,),
                )
        found = inbox().noise.set_aside(token(), rule_id=row.id).rows
        if found:
            _cards(found[:10], works=changes)


# What was set aside


def _aside(user: CurrentUser) -> None:
    works = user.may(Permission.WORK)
    proposed = inbox().noise.proposed(token())
    if proposed:
        st.html(f'<h2 class="kb-part">{verbatim(_("Proposed; nothing was moved"))}</h2>')
        _cards(proposed, works=False)
    before = noise.page().before
    found = inbox().noise.set_aside(token(), before=before)
    if not found.rows and before is None:
        lead = _("What a noise rule sets aside stands here: kept, counted, and back with one press.")
        st.html(f'<div class="kb-empty"><h2>{_("Nothing was set aside")}</h2><p>{verbatim(lead)}</p></div>')
        return
    st.html(f'<h2 class="kb-part">{verbatim(_("Set aside, newest first"))}</h2>')
    _cards(found.rows, works=works)
    with st.container(horizontal=True, gap="small"):
        if before is not None:
            st.button(_("Back to the newest"), key="noise_newest", on_click=noise.on_page, args=(None,))
        if found.before is not None:
            st.button(_("Earlier"), key="noise_earlier", on_click=noise.on_page, args=(found.before,))


def _cards(found: Sequence[Aside], *, works: bool) -> None:
    now = inbox().now()
    for place, one in enumerate(found):
        text = one.title or one.snippet
        rule = f"{noise_words.kind(one.kind)}: {noise_words.about(one, one.shown)}"
        soft = " · ".join((one.source_name, moment(one.at, now), noise_words.status(one), rule))
        key = f"noise_aside_{one.rule_id}_{one.conversation_id}_{place}"
        with st.container(key=f"tag_row_{key}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(
                f'<div class="kb-noise"><a href="/?c={one.conversation_id}" target="_blank" rel="noopener"><bdi>'
                f"{verbatim(one.author_name or '?')}</bdi>: {verbatim(text[:200])}</a>"
                f'<span class="kb-soft" title="{verbatim(full_moment(one.at))}">{verbatim(soft)}</span></div>'
            )
            if works and one.event_id is not None and one.status == "spam":
                st.button(
                    _("Bring back"),
                    key=f"{key}_back",
                    icon=":material/undo:",
                    on_click=noise.on_bring_back,
                    args=(one.event_id,),
                )


# Suggestions


def _suggestions() -> None:
    found = inbox().noise.suggestions(token())
    lead = _("Learned from what agents marked as noise and what they kept. Nothing is switched on by itself.")
    st.html(f'<p class="kb-aside kb-soft">{verbatim(lead)}</p>')
    if not found:
        text = _("After three messages of one author or site that were marked as noise, a rule is suggested here.")
        st.html(f'<div class="kb-empty"><h2>{_("No suggestions")}</h2><p>{verbatim(text)}</p></div>')
    for place, one in enumerate(found):
        _suggestion(one, place)


def _suggestion(one: Suggestion, place: int) -> None:
    shown = noise_words.about(one.draft, one.draft.text)
    with st.container(key=f"noise_suggestion_{place}", border=True):
        with st.container(key=f"rule_row_suggested_{place}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(
                f'<div class="kb-rule"><div><span class="kb-badge">{verbatim(noise_words.kind(one.draft.kind))}</span> '
                f"<b><bdi>{verbatim(shown)}</bdi></b><p>{verbatim(noise_words.evidence(one))}</p></div></div>"
            )
            with st.container(key=f"rule_steps_suggested_{place}", horizontal=True, gap="small"):
                name = md_escape(shown)
                st.button(
                    _("Make the rule"),
                    key=f"noise_accept_{place}",
                    type="primary",
                    help=_("Make a rule of {name}").format(name=name),
                    on_click=noise.on_accept,
                    args=(one.key,),
                )
                st.button(_("No"), key=f"noise_decline_{place}", on_click=noise.on_decline, args=(one.key,))
        _trial(one.trial, most=5)


def _trial(told: NoiseTrial, *, most: int = 30) -> None:
    now = inbox().now()
    lines = [] if told.complete else [_("Only the newest were looked at; there is more in this period.")]
    if told.per_source:
        lines.append(", ".join(f"{name}: {number(n)}" for name, n in told.per_source.items()))
    said = "".join(f"<li>{verbatim(line)}</li>" for line in lines)
    examples = "".join(
        f'<li><a href="/?c={one.conversation_id}" target="_blank" rel="noopener"><bdi>'
        f"{verbatim(one.author_name or '?')}</bdi>: {verbatim((one.title or one.snippet)[:160])}</a> "
        f'<span class="kb-badge {"orange" if one.stand is Stand.GOOD else ""}">{verbatim(noise_words.stand(one.stand))}'
        f'</span><span class="kb-soft">{verbatim(one.source_name)} · {verbatim(moment(one.at, now))}</span></li>'
        for one in told.examples[:most]
    )
    st.html(
        f'<section class="kb-dry" aria-label="{verbatim(_("What it would have done"))}"><p>'
        f"{verbatim(noise_words.trial(told))}</p><ul>{said}</ul><ol>{examples}</ol></section>"
    )
