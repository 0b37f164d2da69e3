"""Who says the same: listed under the conversation, closed or answered together, and taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from inbox.bulk.views import Action, BulkDone, Kind
from inbox.copies.views import CopyView
from inbox.errors import InboxError, NeedsASecondLook
from inbox.permissions import Permission
from inbox.views import CurrentUser, Detail
from inbox.writing.fill import signed
from screens import actions, bulk, findings, threads, words
from screens.cards import author_name
from screens.i18n import N_, _, moment, number, plural
from screens.security import safe_url, verbatim
from screens.state import Notice, enter, inbox, tab, token, utc_now

_SHOWN = 8
_FOLLOW: Mapping[str, str] = {
    "resolved": N_("Then resolve"),
    "waiting_customer": N_("Then wait for the customer"),
    "stay": N_("Leave it open"),
}


def draw(user: CurrentUser, detail: Detail) -> None:
    """Draw what this conversation repeats, and who repeats it; nothing where nobody does."""
    if detail.repeats is not None:
        first = detail.repeats
        text = _("Says the same as {name} on {source}.").format(
            name=author_name(first.author_name), source=first.source_name
        )
        with st.container(key="repeats", horizontal=True, gap="small", vertical_alignment="center"):
            st.html(threads.notice("info", text, (f"/?c={first.conversation_id}", _("All of them together"))))
            if user.may(Permission.WORK):
                _take_out_button(first.copy_id)
    if detail.copies:
        with st.container(key="copies", gap="small"):
            _head(user, detail)
            _list(user, detail)


def _head(user: CurrentUser, detail: Detail) -> None:
    card = detail.card
    told = plural("+{n} like this", "+{n} like this", card.n_duplicates)
    with st.container(key="copies_head", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(f"<h3>{verbatim(told)}</h3>")
        if user.may(Permission.WORK) and {"resolved", "ignored", "spam"} & set(detail.moves):
            _close_menu(detail)
        if user.may(Permission.REPLY):
            _answer_menu(detail)


def _close_menu(detail: Detail) -> None:
    options = {"resolve": _("Resolve all of them")} if "resolved" in detail.moves else {}
    if "ignored" in detail.moves:
        options |= {
            f"ignore:{code}": _("Ignore all: {reason}").format(reason=words.reason(code)) for code in words.IGNORING
        }
    if "spam" in detail.moves:
        options["spam"] = _("All of it is spam")
    key = f"copiesclose_{detail.card.id}_{detail.card.version}"

    def chosen() -> None:
        what = st.session_state.get(key)
        if isinstance(what, str):
            on_close(detail, what)

    label = _("Close together")
    st.menu_button(
        label,
        list(options),
        key=key,
        icon=":material/done_all:",
        format_func=lambda what: options[what],
        on_click=chosen,
    )


def _answer_menu(detail: Detail) -> None:
    key = f"copiesanswer_{detail.card.id}_{detail.card.version}"
    label = _("Answer all")
    popover = st.popover(label, icon=":material/reply_all:", key=f"{key}_menu", on_change="rerun")
    if not popover.open:
        return
    able = [one for one in detail.copies if one.can_reply]
    n = len({one.conversation_id for one in able}) + detail.reply.can_reply
    with popover:
        if not n:
            st.html(f'<p class="kb-soft">{verbatim(_("None of them can be answered from here."))}</p>')
            return
        with st.form(key, border=False):
            lead = plural(
                "{n} of them can be answered; it gets an answer of its own.",
                "{n} of them can be answered; each gets an answer of its own.",
                n,
            )
            st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
            hint = _("{first_name} becomes the first name of each.")
            st.text_area(_("Your answer"), key=f"{key}_text", max_chars=10_000, placeholder=hint)
            st.selectbox(_("After that"), list(_FOLLOW), key=f"{key}_follow", format_func=lambda name: _(_FOLLOW[name]))
            if st.session_state.get(f"{key}_ask"):
                st.checkbox(_("I have looked: it may go out like this"), key=f"{key}_sure")
            st.form_submit_button(
                _("Send to all"), type="primary", key=f"{key}_send", on_click=on_answer, args=(detail, key)
            )


def _list(user: CurrentUser, detail: Detail) -> None:
    key = f"copiesall_{detail.card.id}"
    shown = detail.copies if st.session_state.get(key) else detail.copies[:_SHOWN]
    for one in shown:
        with st.container(key=f"copy_{one.mention_id}", horizontal=True, gap="small", vertical_alignment="center"):
            st.html(_row(one))
            if user.may(Permission.WORK):
                _take_out_button(one.mention_id)
    if len(shown) < len(detail.copies):
        rest = len(detail.copies) - len(shown)
        st.button(
            plural("Show {n} more", "Show {n} more", rest),
            key=f"{key}_more",
            type="tertiary",
            on_click=st.session_state.__setitem__,
            args=(key, True),
        )
    elif detail.card.n_duplicates > len(detail.copies):
        rest = detail.card.n_duplicates - len(detail.copies)
        st.html(
            f'<p class="kb-soft">{verbatim(plural("{n} more is not listed.", "{n} more are not listed.", rest))}</p>'
        )


def _row(one: CopyView) -> str:
    """Who, where, when, how many may have seen it, and how it stands."""
    facts = [one.site or one.source_name, moment(one.sort_at, utc_now())]
    if one.reach is not None:
        facts.append(_("reach {n}").format(n=number(one.reach)))
    facts.append(_("folded away") if one.status == "archived" else words.status(one.status))
    url = safe_url(one.url)
    link = (
        f' <a href="{verbatim(url)}" target="_blank" rel="noopener noreferrer nofollow">{verbatim(_("original"))} ↗</a>'
        if url
        else ""
    )
    opened = (
        f'<a href="/?c={one.conversation_id}" target="_self"><bdi>{verbatim(author_name(one.author_name))}</bdi></a>'
    )
    return f'<span class="kb-copy">{opened} <span class="kb-soft">{verbatim(" · ".join(facts))}</span>{link}</span>'


def _take_out_button(mention_id: int) -> None:
    st.button(
        _("This one is different"),
        key=f"takeout_{mention_id}",
        type="tertiary",
        icon=":material/call_split:",
        help=_("Take it out for good: it becomes a message of its own"),
        on_click=on_take_out,
        args=(mention_id,),
    )


def on_take_out(mention_id: int) -> None:
    """One of them is different."""
    here = tab()
    if here.selected is not None:
        actions.take(lambda box, who: box.copies.take_out(who, mention_id), conversation_id=here.selected)
    actions.redraw(*actions.ALL)


def on_close(detail: Detail, what: str) -> None:
    """All of them are closed with one decision."""
    name, _colon, reason = what.partition(":")
    seen = _seen(detail)
    action = Action(Kind(name), reason or None)
    _do(lambda: inbox().copies.close(token(), detail.card.id, seen, action), leaving=True)


def on_answer(detail: Detail, key: str) -> None:
    """Each of them that can be answered is."""
    text, follow = str(st.session_state.get(f"{key}_text") or ""), str(st.session_state.get(f"{key}_follow") or "stay")
    wanted = {one.conversation_id: one.version for one in detail.copies if one.can_reply}
    if detail.reply.can_reply:
        wanted[detail.card.id] = detail.card.version
    sure = bool(st.session_state.get(f"{key}_sure"))
    try:
        enter()
        found = inbox().writing.check(token(), detail.card.id, text)
        if found.to_confirm and not sure:
            raise NeedsASecondLook(found.found, found.to_confirm)
        initials = inbox().writing.writer(token()).initials
    except InboxError as problem:
        st.session_state[f"{key}_ask"] = isinstance(problem, NeedsASecondLook)
        _refused(problem)
        return
    _do(
        lambda: inbox().copies.answer(
            token(),
            detail.card.id,
            wanted,
            text=signed(text, initials),
            follow_up=follow,
            confirmed=found.to_confirm,
        ),
        leaving=follow != "stay",
    )


def _do(step: Callable[[], BulkDone], *, leaving: bool) -> None:
    here = tab()
    here.notice = None
    try:
        enter()
        done = step()
    except InboxError as problem:
        _refused(problem)
        return
    bulk.told(here, done, leaving=leaving)
    actions.redraw(*actions.ALL)


def _refused(problem: InboxError) -> None:
    here = tab()
    actions.refused(here, problem)
    if isinstance(problem, NeedsASecondLook):
        lines = ", ".join(sorted({findings.name(one.code) for one in problem.found}))
        here.notice = Notice("warning", f"{words.error(problem)} {lines}".strip())
    actions.redraw(*actions.ALL)


def _seen(detail: Detail) -> dict[int, int | None]:
    return {detail.card.id: detail.card.version, **{one.conversation_id: one.version for one in detail.copies}}
