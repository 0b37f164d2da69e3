"""The Privacy page of one customer, for administrators: what we keep of them, the file for them, and erasing them.

It is opened from the customer panel: `/privacy?author=<id>`. Erasing shows first what would go, wants their name typed
over, and says afterwards what is left and what a person must still see to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from inbox.errors import InboxError, NotAllowed, NotFound
from inbox.permissions import Permission
from inbox.privacy.door import Format
from inbox.privacy.erasing import Erased
from inbox.privacy.views import Preview
from inbox.service import Inbox
from screens import page_step, sidebar, threads, words
from screens.cards import author_name, clean
from screens.i18n import N_, _, number, plural
from screens.platforms import sign_of
from screens.security import verbatim
from screens.state import inbox, token

FRAGMENT = "privacy"
_DONE = "klankbord_erased"
_HELD: Mapping[str, str] = {
    "accounts": N_("accounts"),
    "conversations": N_("conversations"),
    "messages": N_("messages of theirs"),
    "old_texts": N_("earlier texts of edited messages"),
    "payloads": N_("answers of platforms as they came"),
    "pictures": N_("pictures"),
    "answers": N_("answers of ours"),
    "notes": N_("notes"),
    "drafts": N_("drafts"),
    "promises": N_("promises"),
    "questions": N_("questions to specialists"),
    "mails": N_("mails to colleagues"),
    "incoming": N_("items that no query matched or that could not be read"),
}
"""What is counted, in words; the order in which it is told."""


def draw() -> None:
    """Draw the page."""
    with st.container(key="privacypage"):
        _privacy()


@st.fragment(key=FRAGMENT)
def _privacy() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Privacy"))
    if not user.may(Permission.PRIVACY):
        refusal = NotAllowed(permission=Permission.PRIVACY, role=user.role)
        st.html(threads.notice("error", words.error(refusal)))
        return
    page_step.told()
    done: Erased | None = st.session_state.get(_DONE)
    if done is not None:
        _done(done)
        return
    author_id = _wanted()
    if author_id is None:
        lead = _("Open a conversation, and choose this under the customer.")
        st.html(f'<div class="kb-empty"><h2>{verbatim(_("Whose data?"))}</h2><p>{verbatim(lead)}</p></div>')
        return
    try:
        preview = inbox().privacy.preview(token(), author_id)
    except NotFound:
        st.html(threads.notice("info", _("Nothing is kept of this account any more.")))
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    _who(preview)
    _file(author_id)
    _erase(author_id, preview)


def _wanted() -> int | None:
    told = st.query_params.get("author", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 19 else None


def _who(preview: Preview) -> None:
    st.subheader(_("What we keep of this person"), anchor=False)
    rows = []
    for one in preview.accounts:
        handle = f" · @{clean(one.handle).lstrip('@')}" if one.handle and one.handle != one.name else ""
        name = author_name(one.name or one.handle or "")[:120]
        told = f"{sign_of(one.key[0]).name}{handle}"
        rows.append(f'<li><b><bdi>{verbatim(name)}</bdi></b> <span class="kb-soft">{verbatim(told)}</span></li>')
    st.html(f'<ul class="kb-record" aria-label="{verbatim(_("Accounts"))}">{"".join(rows)}</ul>')
    st.html(_counts(preview.held))


def _counts(held: object) -> str:
    """Counts by kind, as a list; what is not there is left out."""
    rows = [(name, int(getattr(held, name))) for name in _HELD if getattr(held, name)]
    told = "".join(f"<li>{verbatim(_(_HELD[name]))}: <b>{verbatim(number(n))}</b></li>" for name, n in rows)
    return f'<ul class="kb-counts" aria-label="{verbatim(_("Counted"))}">{told}</ul>'


def _file(author_id: int) -> None:
    st.subheader(_("Tell them what we keep"), anchor=False)
    lead = _("Make sure first that who asks is who they say, for instance by having them write to you from the "
             "account. Messages of others and names of colleagues are not in the file.")  # fmt: skip
    st.html(f"<p>{verbatim(lead)}</p>")
    with st.container(horizontal=True, gap="small"):
        for language, label in (("nl", _("Download in Dutch")), ("en", _("Download in English"))):
            _download(label, author_id, "html", language)
        _download(_("Download as JSON"), author_id, "json", "en")


def _download(label: str, author_id: int, form: Format, language: str) -> None:
    st.download_button(
        label,
        # Made when it is asked for: it holds all that this page is about, and each time is a line in the record.
        partial(inbox().privacy.subject_access, token(), author_id, form=form, language=language),
        file_name=f"klankbord-{author_id}-{language}.html" if form == "html" else f"klankbord-{author_id}.json",
        mime="text/html" if form == "html" else "application/json",
        key=f"privacy_file_{form}_{language}",
        on_click="ignore",
        icon=":material/download:",
    )


def _erase(author_id: int, preview: Preview) -> None:
    st.subheader(_("Erase this person everywhere"), anchor=False)
    gone = _("All of the above goes, and cannot be brought back: texts, names, what we answered, notes about them, "
             "exports that still stand on this machine.")  # fmt: skip
    st.html(f"<p>{verbatim(gone)}</p><p>{verbatim(_stays())}</p>")
    if preview.held.named_in:
        st.html(threads.notice("info", _named(preview.held.named_in)))
    with st.form("privacy_erase", border=True, enter_to_submit=False):
        st.checkbox(
            _("Also take nothing in that they say from now on (they objected)"),
            key="privacy_objected",
        )
        st.html(
            f"<p>{verbatim(_('Type this over to say that you mean this person:'))} "
            f"<b><bdi>{verbatim(preview.spelt)}</bdi></b></p>"
        )
        st.text_input(_("Typed over"), key="privacy_typed", max_chars=100, autocomplete="off")
        st.form_submit_button(
            _("Erase for good"),
            type="primary",
            key="privacy_submit",
            icon=":material/delete_forever:",
            on_click=_on_erase,
            args=(author_id,),
        )


def _named(numbers: Sequence[int]) -> str:
    told = _("Words of ours in other conversations name somebody so too; look whether it is them: {numbers}.")
    return told.format(numbers=", ".join(map(str, numbers[:20])))


def _stays() -> str:
    return _("What stays: for each message an empty shell with its times, so that figures stay true, and a tombstone: "
             "a keyed hash that keeps it from coming back and tells nothing of anybody. Our answers stand on the "
             "platform until you take them back there.")  # fmt: skip


def _on_erase(author_id: int) -> None:
    typed, objected = str(st.session_state.get("privacy_typed", "")), bool(st.session_state.get("privacy_objected"))

    def step(box: Inbox, who: str) -> str | None:
        # Read anew: what was typed must fit whom the account belongs to now.
        spelt = box.privacy.preview(who, author_id).spelt
        if not spelt or " ".join(typed.split()).casefold() != " ".join(spelt.split()).casefold():
            return _("Nothing was erased: what you typed is not {name}.").format(name=spelt)
        st.session_state[_DONE] = box.privacy.erase(who, author_id, objected=objected)
        return None

    page_step.take(FRAGMENT, step)


def _done(done: Erased) -> None:
    told = plural(
        "Erased: {n} message, and all around it.", "Erased: {n} messages, and all around them.", done.messages
    )
    st.html(threads.notice("info", told))
    st.html(_counts(done.held))
    st.html(f"<p>{verbatim(_stays())}</p>")
    todo = [_("The backup {file} still holds them: make a new one and remove this one.").format(file=path)
            for path in done.files.backups]  # fmt: skip
    todo += [_("{file} could not be rewritten: take them out by hand, or remove it.").format(file=path)
             for path in done.files.unreadable]  # fmt: skip
    if done.held.named_in:
        todo.append(_named(done.held.named_in))
    if done.bytes_left:
        todo.append(_("Bytes of it may stand in files of the database for a while: see Privacy in the documentation."))
    files = [plural("{n} row", "{n} rows", rows) + f": {path}" for path, rows in done.files.rewritten.items()]
    files += [_("Removed, export it again to have it without them: {file}").format(file=path)
              for path in done.files.removed]  # fmt: skip
    for title, lines in ((_("Taken out of exports"), files), (_("This is still yours to do"), todo)):
        if lines:
            st.subheader(title, anchor=False)
            st.html(f'<ul class="kb-counts">{"".join(f"<li>{verbatim(one)}</li>" for one in lines)}</ul>')
    if st.button(_("To the inbox"), key="privacy_back", icon=":material/inbox:"):
        st.session_state.pop(_DONE, None)
        page_step.go("inbox")
