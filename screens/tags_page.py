"""The Tags page: every tag with its meaning and use; renaming, joining and retiring them.

Tags are words of others: labels get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.permissions import Permission
from inbox.tags.views import COLOURS, TagRow
from screens import page_step, sidebar, tags, threads, words
from screens.i18n import N_, _, number, plural
from screens.security import md_escape, verbatim
from screens.state import enter, inbox, token

_COLOURS = {
    "grey": N_("Grey"),
    "red": N_("Red"),
    "orange": N_("Orange"),
    "green": N_("Green"),
    "blue": N_("Blue"),
    "violet": N_("Violet"),
}


def draw() -> None:
    """Draw the page."""
    with st.container(key="tagspage"):
        _tags()


@st.fragment(key=tags.FRAGMENT)
def _tags() -> None:
    try:
        user = enter()
        with st.sidebar:
            sidebar.draw(user, None)
        found = inbox().tags.listing(token())
    except NotSignedIn:
        page_step.signed_out()
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    told = plural("{n} tag", "{n} tags", sum(one.archived_at is None for one in found))
    page_step.heading(_("Tags"), told)
    page_step.told()
    manages = user.may(Permission.MANAGE_WORK)
    if manages:
        _new()
    if not found:
        lead = _("Tags say what a conversation is about. Make one here, or type one at a conversation in the inbox.")
        st.html(f'<div class="kb-empty"><h2>{_("No tags yet")}</h2><p>{verbatim(lead)}</p></div>')
    for place, one in enumerate(found):
        _row(one, found, place, manages=manages)


def _new() -> None:
    with st.expander(_("Make a tag"), icon=":material/new_label:", key="tag_new"), st.form("tag_make", border=False):
        st.text_input(_("Tag"), key="tag_name", max_chars=50)
        st.text_input(_("What it means"), key="tag_text", max_chars=500)
        _colour(None, "tag_colour")
        st.form_submit_button(
            _("Make it"),
            type="primary",
            key="tag_submit",
            on_click=tags.on_describe,
            args=(None, "tag_text", "tag_colour", "tag_name"),
        )


def _colour(value: str | None, key: str) -> None:
    st.selectbox(
        _("Colour"),
        COLOURS,
        index=COLOURS.index(value) if value in COLOURS else None,
        format_func=lambda one: _(_COLOURS[one]),
        placeholder=_("No colour"),
        key=key,
    )


def _row(one: TagRow, every: Sequence[TagRow], place: int, *, manages: bool) -> None:
    facts = [plural("{n} conversation", "{n} conversations", one.n)]
    if one.n_open:
        facts.append(_("{n} open").format(n=number(one.n_open)))
    if one.n_rules:
        facts.append(plural("added by {n} rule", "added by {n} rules", one.n_rules))
    if one.archived_at is not None:
        facts.append(_("offered no more"))
    name = md_escape(one.tag)
    with st.container(key=f"tag_row_{place}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="kb-tagrow {"off" if one.archived_at else ""}"><span class="kb-tag {one.colour or "grey"}">'
            f"{verbatim(one.tag)}</span><div><p>{verbatim(one.description)}</p>"
            f'<span class="kb-soft">{verbatim(" · ".join(facts))}</span></div></div>'
        )
        if st.button(
            _("Show the conversations with {tag}").format(tag=name), key=f"tag_show_{place}", icon=":material/inbox:"
        ):
            tags.show_in_inbox(one.tag)
            page_step.go("inbox")
        if manages:
            is_open = tags.opened() == one.tag
            st.button(
                _("Close {tag}").format(tag=name) if is_open else _("Change {tag}").format(tag=name),
                key=f"tag_open_{place}",
                icon=":material/expand_less:" if is_open else ":material/edit:",
                on_click=tags.on_open,
                args=(None if is_open else one.tag,),
            )
    if manages and tags.opened() == one.tag:
        _fields(one, every, place)


def _fields(one: TagRow, every: Sequence[TagRow], place: int) -> None:
    with st.container(key=f"tag_fields_{place}", border=True):
        st.text_input(_("What it means"), value=one.description, key=f"tag_text_{one.tag}", max_chars=500)
        _colour(one.colour, f"tag_colour_{one.tag}")
        st.button(
            _("Keep it"),
            key="tag_keep",
            type="primary",
            on_click=tags.on_describe,
            args=(one.tag, f"tag_text_{one.tag}", f"tag_colour_{one.tag}"),
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(_("Another name"), value=one.tag, key=f"tag_new_{one.tag}", max_chars=50)
            st.button(
                _("Rename everywhere"), key="tag_rename", on_click=tags.on_rename, args=(one.tag, f"tag_new_{one.tag}")
            )
        others = [each.tag for each in every if each.tag != one.tag]
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox(
                _("Means the same as"), others, index=None, key=f"tag_into_{one.tag}", placeholder=_("Choose a tag")
            )
            st.button(_("Join to it"), key="tag_join", on_click=tags.on_join, args=(one.tag, f"tag_into_{one.tag}"))
        with st.container(horizontal=True, gap="small"):
            retired = one.archived_at is not None
            st.button(
                _("Offer it again") if retired else _("Offer it no more"),
                key="tag_retire",
                on_click=tags.on_retire,
                args=(one.tag, not retired),
            )
            if not one.n and not one.n_rules and one.created_at is not None:
                st.button(_("Delete this tag"), key="tag_delete", on_click=tags.on_delete, args=(one.tag,))
