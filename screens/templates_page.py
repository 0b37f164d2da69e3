"""The Templates page: ready-made answers of everybody, of a team and of oneself, with what they look like filled in."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.service import Inbox
from inbox.views import CurrentUser
from inbox.writing.fill import VARIABLES, fill
from inbox.writing.views import Scope, TemplateView
from screens import page_step, sidebar, threads, words
from screens.i18n import LANGUAGES, N_, _, plural
from screens.security import md_escape, verbatim
from screens.state import choices, inbox, token

FRAGMENT = "templates"
_EDITED = "klankbord_edited_template"
_SHOWN = 60
_SCOPES = {Scope.PERSONAL: N_("Only for me"), Scope.TEAM: N_("For a team"), Scope.SHARED: N_("For everybody")}
_EXPLAINED = {
    "first_name": N_("first name of the customer, where it is surely one"),
    "name": N_("name of the customer, as the platform shows it"),
    "agent_name": N_("your own name"),
    "initials": N_("your initials, as ^SW"),
    "brand": N_("the brand this is about"),
    "ticket": N_("the number of the conversation"),
    "source": N_("the name of the source"),
    "link": N_("the address of the message"),
}


def draw() -> None:
    """Draw the page."""
    with st.container(key="templatespage"):
        _page()


@st.fragment(key=FRAGMENT)
def _page() -> None:
    user = page_step.entered()
    if user is None:
        return
    archived = bool(st.session_state.get("templates_archived"))
    search = str(st.session_state.get("templates_search") or "")
    try:
        found = inbox().writing.templates(token(), search=search, archived=archived)
        initials = inbox().writing.writer(token()).initials
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Templates"), plural("{n} template", "{n} templates", len(found)))
    page_step.told()
    example = _example(user, initials)
    with st.expander(_("New template"), icon=":material/add:", key="new_template"):
        _form(user, None, example)
    with st.container(key="templates_tools", horizontal=True, gap="small", vertical_alignment="center"):
        st.text_input(
            _("Search templates"),
            key="templates_search",
            icon=":material/search:",
            placeholder=_("Search templates"),
            label_visibility="collapsed",
        )
        st.toggle(_("Show what was put away"), key="templates_archived")
    if not found:
        lead = _("A template saves typing what you write ten times a day. Make the first one above.")
        title = _("Nothing matches") if search or archived else _("No templates yet")
        if search or archived:
            lead = _("Try another word, or look among what was put away.")
        st.html(f'<div class="kb-empty"><h2>{title}</h2><p>{verbatim(lead)}</p></div>')
    for one in found[:_SHOWN]:
        _row(user, one, example)
    if len(found) > _SHOWN:
        rest = plural("{n} more: search for it.", "{n} more: search for them.", len(found) - _SHOWN)
        st.html(f'<p class="kb-soft">{verbatim(rest)}</p>')


def _example(user: CurrentUser, initials: str | None) -> dict[str, str | None]:
    """Values to show a template with, taken from this house where it has them."""
    offered = choices()
    brand = offered.brands[0].label if offered.brands else _("Your brand")
    source = offered.sources[0].label if offered.sources else "Forum"
    return {
        "first_name": "Eva",
        "name": "Eva de Boer",
        "agent_name": user.name,
        "initials": f"^{initials}" if initials else None,
        "brand": brand,
        "ticket": "4815162342",
        "source": source,
        "link": "https://forum.example/t/4815",
    }


def _row(user: CurrentUser, one: TemplateView, example: dict[str, str | None]) -> None:
    with st.container(key=f"template_{one.id}", gap="small"):
        st.html(
            f'<div class="kb-template"><h2>{verbatim(one.name)}</h2>'
            f'<span class="kb-soft">{verbatim(_facts(one))}</span>'
            f'<div class="kb-text" dir="auto">{verbatim(one.text)}</div></div>'
        )
        if not one.may_edit:
            return
        opened = st.session_state.get(_EDITED) == one.id
        with st.container(key=f"template_buttons_{one.id}", horizontal=True, gap="small"):
            if not one.archived:
                st.button(
                    _("Close") if opened else _("Change"),
                    key=f"template_edit_{one.id}",
                    icon=":material/close:" if opened else ":material/edit:",
                    on_click=_on_edit,
                    args=(None if opened else one.id,),
                )
            st.button(
                _("Bring back") if one.archived else _("Put away"),
                key=f"template_archive_{one.id}",
                icon=":material/unarchive:" if one.archived else ":material/archive:",
                on_click=_on_put_away,
                args=(one.id, one.archived),
            )
        if opened and not one.archived:
            _form(user, one, example)


def _facts(one: TemplateView) -> str:
    teams = {team.value: team.label for team in choices().teams}
    whose = teams.get(one.team_id or "", "") if one.scope is Scope.TEAM else _(_SCOPES[one.scope])
    used = plural("used {n} time", "used {n} times", one.n_used) if one.n_used else _("not used yet")
    return " · ".join(part for part in (words.language(one.lang or ""), whose, used) if part)


def _form(user: CurrentUser, one: TemplateView | None, example: dict[str, str | None]) -> None:
    """Fields of a template. No form of Streamlit's: what it looks like filled in follows the text."""
    prefix = f"tpl_{one.id if one else 'new'}"
    teams = {team.value: team.label for team in choices().teams}
    scopes = list(_SCOPES) if user.may(Permission.MANAGE_WORK) else [Scope.PERSONAL]
    if not teams:
        scopes = [scope for scope in scopes if scope is not Scope.TEAM]
    langs = [None, *LANGUAGES, "de", "fr"]
    st.text_input(_("Name"), value=one.name if one else "", key=f"{prefix}_name", max_chars=80)
    text = st.text_area(_("Text"), value=one.text if one else "", key=f"{prefix}_text", height=150)
    known = " ".join(f"<code>{{{name}}}</code> {verbatim(_(_EXPLAINED[name]))};" for name in VARIABLES)
    st.html(f'<p class="kb-variables kb-soft">{known.rstrip(";")}</p>')
    with st.container(key=f"{prefix}_whose", horizontal=True, gap="small"):
        st.selectbox(
            _("Language"),
            langs,
            index=langs.index(one.lang) if one and one.lang in langs else 0,
            format_func=lambda code: words.language(code or "") or _("Any"),
            key=f"{prefix}_lang",
            width=180,
        )
        st.selectbox(
            _("For whom"),
            scopes,
            index=scopes.index(one.scope) if one and one.scope in scopes else 0,
            format_func=lambda scope: _(_SCOPES[scope]),
            key=f"{prefix}_scope",
            width=180,
        )
        if st.session_state.get(f"{prefix}_scope") is Scope.TEAM:
            st.selectbox(
                _("Team"),
                list(teams),
                index=list(teams).index(one.team_id) if one and one.team_id in teams else 0,
                format_func=lambda key: md_escape(teams[key]),
                key=f"{prefix}_team",
                width=180,
            )
    if text.strip():
        shown = fill(text, example)
        st.html(
            f'<div class="kb-msg ours"><div class="kb-by"><b>{_("Example")}</b></div>'
            f'<div class="kb-text" dir="auto">{verbatim(shown.text)}</div></div>'
        )
    st.button(
        _("Save template"),
        key=f"{prefix}_save",
        type="primary",
        on_click=_on_save,
        args=(one.id if one else None, prefix),
    )


def _on_edit(template_id: int | None) -> None:
    st.session_state[_EDITED] = template_id
    st.rerun(FRAGMENT)


def _on_save(template_id: int | None, prefix: str) -> None:
    state = st.session_state

    def step(box: Inbox, who: str) -> str:
        kept = box.writing.save_template(
            who,
            template_id,
            name=str(state.get(f"{prefix}_name") or ""),
            text=str(state.get(f"{prefix}_text") or ""),
            lang=state.get(f"{prefix}_lang"),
            scope=Scope(state.get(f"{prefix}_scope") or Scope.PERSONAL),
            team_id=state.get(f"{prefix}_team"),
        )
        state[_EDITED] = None
        for field in ("name", "text"):
            if template_id is None:
                state[f"{prefix}_{field}"] = ""
        return _("Saved: {name}").format(name=kept.name)

    page_step.take(FRAGMENT, step)


def _on_put_away(template_id: int, archived: bool) -> None:
    def step(box: Inbox, who: str) -> str:
        if archived:
            kept = box.writing.restore_template(who, template_id)
            return _("Back: {name}").format(name=kept.name)
        kept = box.writing.archive_template(who, template_id)
        return _("Put away: {name}").format(name=kept.name)

    page_step.take(FRAGMENT, step)
