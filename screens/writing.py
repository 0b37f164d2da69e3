"""What happens while somebody writes: drafts that are kept, templates that are looked up, answers that are sent.

Thin callbacks. The composer is a fragment of its own, so what it sends redraws nothing else; only a text that became
something redraws the rest. No fragment is asked for by name while somebody types: the same word from the browser may
open another page, which a wish for one fragment would hold up.

The text stays in the browser until the server has it, so every refusal here leaves it standing; what the composer
should show of a refusal is kept in `Desk` until the next text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st

from inbox.errors import Changed, InboxError, NeedsASecondLook, NotSignedIn, StoreBusy
from inbox.permissions import Permission
from inbox.writing.fill import signed
from inbox.writing.views import Mode
from screens import actions, components, findings, hints, words
from screens.cards import millis
from screens.state import enter, inbox, tab, token

_KEY = "klankbord_writing"
_NAME = "composer"
ASK = "ask"
"""What follows a note that asks a colleague: the conversation waits for them."""


@dataclass(slots=True)
class Desk:
    """What the composer of a tab has to be told.

    Attributes:
        saved: what became of the last draft that came in.
        stop: why the last text was not sent.
        query: what templates are looked for, and for which conversation; None when nobody looks.
        stamp: grows with every word to the browser, so that it tells new from old.
    """

    saved: dict[str, Any] | None = None
    stop: dict[str, Any] | None = None
    query: tuple[int, str] | None = None
    stamp: int = 0


def desk() -> Desk:
    """The composer's state of this tab."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Desk()
    return cast("Desk", st.session_state[_KEY])


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as the composer sends it."""

    id: int
    mode: Mode
    text: str
    rev: int
    version: int
    visibility: str | None
    template_id: int | None
    sign: bool
    follow: str
    confirmed: tuple[str, ...]
    nonce: str

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Typed | None:
        """Read it; None when it is not what our composer sends."""
        number, rev, mode = sent.get("id"), sent.get("rev"), str(sent.get("mode"))
        if not isinstance(number, int) or not isinstance(rev, int) or mode not in set(Mode):
            return None
        version, template, confirmed = sent.get("version"), sent.get("template"), sent.get("confirmed")
        return cls(
            id=number,
            mode=Mode(mode),
            text=str(sent.get("text", "")),
            rev=rev,
            version=version if isinstance(version, int) else 0,
            visibility=str(sent["visibility"]) if sent.get("visibility") else None,
            template_id=template if isinstance(template, int) else None,
            sign=bool(sent.get("sign")),
            follow=str(sent.get("follow") or "stay"),
            confirmed=tuple(str(one) for one in confirmed) if isinstance(confirmed, list | tuple) else (),
            nonce=str(sent.get("nonce", "")),
        )


def on_draft() -> None:
    """A pause in typing: what stands in the field is kept."""
    typed = Typed.of(components.sent(_NAME, "draft"))
    if typed is not None:
        keep(typed)


def keep(typed: Typed) -> InboxError | None:
    """Keep a draft and say in the composer what became of it; gives why it could not be kept."""
    here = desk()
    here.stamp += 1
    told: dict[str, Any] = {"id": typed.id, "mode": typed.mode.value, "rev": typed.rev, "stamp": here.stamp}
    try:
        enter()
        kept = inbox().writing.save_draft(
            token(),
            typed.id,
            mode=typed.mode,
            text=typed.text,
            rev=typed.rev,
            version=typed.version,
            visibility=typed.visibility,
            template_id=typed.template_id,
        )
    except InboxError as problem:
        if isinstance(problem, NotSignedIn):
            tab().signed_out = True
        retry = isinstance(problem, StoreBusy)
        text = findings.not_saved() if retry else words.error(problem)
        here.saved = {**told, "ok": False, "retry": retry, "text": text}
        return problem
    hint = hints.promised(typed.id, typed.mode, typed.text)
    here.saved = {**told, "ok": True, "rev": kept.rev, "kept": kept.kept, "at": millis(kept.at), "hint": hint}
    return None


def on_busy() -> None:
    """Somebody is typing: one's own claim is kept alive, and colleagues see it."""
    sent = components.sent(_NAME, "busy")
    number = sent.get("id")
    try:
        user = enter()
        if isinstance(number, int):
            if user.may(Permission.WORK):
                inbox().keep(token(), number)
            inbox().presence.touch(
                token(), tab=tab().key, conversation_id=number, writing=bool(sent.get("writing", True))
            )
    except InboxError as problem:
        if isinstance(problem, NotSignedIn):
            tab().signed_out = True


def on_find() -> None:
    """Templates are looked for."""
    sent = components.sent(_NAME, "find")
    number = sent.get("id")
    if isinstance(number, int):
        desk().query = (number, str(sent.get("query", ""))[:200])


def on_compose() -> None:
    """A note, an answer given by hand, or an answer that goes out."""
    typed = Typed.of(components.sent(_NAME, "save"))
    if typed is not None:
        compose(typed)
    actions.redraw(*actions.ALL)


def compose(typed: Typed) -> None:
    """Do with a text what it is for. When that is refused, it stands as a draft and the composer says why."""
    here = desk()
    here.stop = None
    unkept = keep(typed)
    # A locked store has been waited for once; whoever presses send reads that soon, not after a second wait.
    problem = unkept if isinstance(unkept, StoreBusy) else _do(typed)
    if problem is not None:
        here.stamp += 1
        here.stop = {
            **findings.stop(problem),
            "id": typed.id,
            "nonce": typed.nonce,
            "rev": typed.rev if unkept is None else 0,
            "seen": isinstance(problem, Changed),
        }
        return
    here.saved = None
    now = tab()
    now.composed = typed.nonce
    if typed.mode is Mode.REPLY and typed.follow != "stay" and now.selected == typed.id:
        # It leaves the desk by itself once it was sent; undo comes back to it.
        now.select(now.after(typed.id))


def _do(typed: Typed) -> InboxError | None:
    name = next((card.author_name for card in tab().cards if card.id == typed.id), "")
    refused: list[InboxError] = []

    def step(box: Any, who: str) -> Any:
        try:
            if typed.mode is Mode.NOTE and typed.follow == ASK:
                done = box.mentions.ask(who, typed.id, typed.text, version=typed.version)
            elif typed.mode is Mode.NOTE:
                done = box.add_note(who, typed.id, typed.text)
            elif typed.mode is Mode.HAND:
                done = box.answered_by_hand(who, typed.id, text=typed.text, version=typed.version)
            else:
                done = box.replies.send(
                    who,
                    typed.id,
                    text=signed(typed.text, box.writing.writer(who).initials if typed.sign else None),
                    version=typed.version,
                    visibility=typed.visibility,
                    follow_up=typed.follow,
                    template_id=typed.template_id,
                    confirmed=typed.confirmed,
                )
        except InboxError as problem:
            refused.append(problem)
            return None
        box.writing.sent(who, typed.id, mode=typed.mode, template_id=typed.template_id)
        return done

    actions.take(step, conversation_id=typed.id, name=name)
    problem = refused[0] if refused else None
    if isinstance(problem, NotSignedIn):
        actions.refused(tab(), problem)
    if problem is not None and not isinstance(problem, NeedsASecondLook):
        tab().stale = True
    return problem
