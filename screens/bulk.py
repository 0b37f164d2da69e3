"""Doing one thing to many rows: what the list sends when rows are picked, and what the reader is told.

Thin: the inbox decides about each conversation, here its answer becomes words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from inbox.bulk.views import Action, BulkDone, Kind, Refusal
from inbox.errors import BadInput, InboxError
from inbox.permissions import Permission
from inbox.sentences import Sentence
from inbox.tone.views import TONES
from inbox.views import PRIORITIES, Choices, CurrentUser, Done
from screens import actions, components, reading, snooze, tone, words
from screens.cards import author_name, clean
from screens.i18n import N_, _, local_now, plural
from screens.state import Notice, Step, Tab, enter, inbox, tab, token, utc_now

_TOLD = 3
# After these the conversations have left the desk, so that the next one is opened; after others one stays where one is.
_LEAVING = frozenset({"resolve", "snooze", "ignore", "spam"})
_WHY_NOT: Mapping[str, str] = {
    "claimed_by_other": N_("a colleague has it"),
    "changed": N_("it changed meanwhile"),
    "move_refused": N_("not possible in its state"),
    "not_found": N_("no longer there"),
    "undo_refused": N_("it changed meanwhile"),
}


def menus(user: CurrentUser, choices: Choices) -> dict[str, Any] | None:
    """What the bar over the list offers when rows are picked; None for who does not work on conversations."""
    if not user.may(Permission.WORK):
        return None
    people = [("assign_me", _("To me"))]
    people += [(f"assign:{one.id}", one.name) for one in choices.people if one.id != user.id]
    people += [(f"team:{one.value}", _("Team {name}").format(name=one.label)) for one in choices.teams]
    return {
        "assign": [*people, ("assign:", _("To nobody"))],
        "snooze": list(snoozes().items()),
        "more": [
            *((f"ignore:{code}", _("Ignore: {reason}").format(reason=words.reason(code))) for code in words.IGNORING),
            ("spam", _("Spam")),
            *((f"theme:{one.value}", _("Theme: {name}").format(name=clean(one.label))) for one in choices.themes[:50]),
            ("mute", _("Mute")),
            ("unmute", _("Take the mute off")),
            *(
                (f"priority:{level}", _("Priority: {name}").format(name=words.priority(name)))
                for level, name in enumerate(PRIORITIES)
            ),
            *((f"tone:{one}", _("Tone: {tone}").format(tone=tone.named(one))) for one in TONES),
        ],
        "tags": [one.value for one in choices.tags[:50]],
        "words": {
            "picked": _("{n} selected"),
            "all": _("Select all {n} of this view"),
            "everything": _("All {n} of this view are selected"),
            "resolve": _("Resolve"),
            "assign": _("Assign"),
            "snooze": _("Snooze"),
            "tag": _("Add a tag"),
            "more": _("More"),
            "clear": _("Select none"),
            "sure": _("Do this to all {n}?"),
            "yes": _("Yes, do it"),
            "no": _("No"),
            "bar": _("What to do with the selected rows"),
        },
    }


def snoozes() -> dict[str, str]:
    """Until when one may snooze."""
    return {
        "snooze:3h": _("In 3 hours"),
        "snooze:tomorrow": _("Tomorrow 09:00"),
        "snooze:monday": _("Next Monday 09:00"),
        "snooze:week": _("In a week, 09:00"),
    }


def action_of(what: str, user: CurrentUser) -> Action | None:
    """The action that a name means; None for a name that is not known.

    Raises:
        BadInput: the name is known but what stands behind it is not.
    """
    name, _colon, value = what.partition(":")
    try:
        match name:
            case "assign_me":
                return Action(Kind.ASSIGN, user.id)
            case "assign":
                return Action(Kind.ASSIGN, int(value) if value else None)
            case "priority" | "theme":
                return Action(Kind(name), int(value))
            case "snooze":
                return Action(Kind.SNOOZE, snooze.until(value, local_now(utc_now())))
            case _ if name in set(Kind):
                return Action(Kind(name), value or None)
    except ValueError as error:
        raise BadInput(Sentence("“{what}” cannot be done.", what=what)) from error
    return None


def on_bulk() -> None:
    """One thing is to be done to the picked rows, or to the whole view."""
    sent = components.sent("mention_list", "bulk")
    apply(str(sent.get("what", "")), sent.get("rows"), whole=sent.get("all") is True)
    actions.redraw(*actions.ALL)


def on_count() -> None:
    """How many are in this view? Asked when the reader wants them all."""
    here = tab()
    try:
        enter()
        here.total = inbox().bulk.count(token(), here.view, here.filters)
    except InboxError as problem:
        actions.refused(here, problem)
    actions.redraw("list")


def apply(what: str, rows: Any, *, whole: bool) -> None:
    """Do one thing to rows `[[id, version], ...]`, or to everything of the view."""
    here = tab()
    here.notice = None
    try:
        user = enter()
        action = action_of(what, user)
        if action is None:
            return
        if whole:
            done = inbox().bulk.apply_to_view(token(), here.view, action, here.filters)
        else:
            done = inbox().bulk.apply(token(), _chosen(rows), action)
    except InboxError as problem:
        actions.refused(here, problem)
        return
    here.unpicked += 1
    told(here, done, leaving=what.partition(":")[0] in _LEAVING)


def on_undo() -> None:
    """The last step is to be taken back, whether it was about one row or about many."""
    here = tab()
    step = here.step
    if step is None or not step.bulk:
        actions.on_undo()
        return
    here.step = None
    undo(here, step.bulk)
    here.select(step.was_selected)
    actions.redraw(*actions.ALL)


def undo(here: Tab, event_ids: tuple[int, ...]) -> None:
    """Take a whole action back."""
    here.notice = None
    try:
        enter()
        done = inbox().bulk.undo(token(), event_ids)
    except InboxError as problem:
        actions.refused(here, problem)
        return
    reading.forget()
    here.stale = True
    if done is not None:
        text = plural("{n} conversation is as it was.", "{n} conversations are as they were.", len(done.done))
        here.notice = Notice("warning" if done.refused else "info", f"{text} {_refusals(done)}".strip())


def _chosen(rows: Any) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, list) and len(row) == 2 and isinstance(row[0], int):
            found[row[0]] = row[1] if isinstance(row[1], int) else None
    return found


def told(here: Tab, done: BulkDone, *, leaving: bool) -> None:
    """Say what came of it; what is `leaving` the desk makes room for the next one."""
    reading.forget()
    text = plural("Done for {n} conversation.", "Done for {n} conversations.", len(done.done))
    if done.event_ids and done.undo_until is not None:
        last = Done(done.done[-1], 0, "bulk", {}, done.event_ids[-1], done.undo_until)
        here.step = Step(last, text, here.selected, bulk=done.event_ids)
    if done.refused or done.more:
        more = _("There are more in this view; do it again for the rest.") if done.more else ""
        here.notice = Notice("warning", " ".join(part for part in (text, _refusals(done), more) if part))
    here.stale = True
    if here.selected in done.done and leaving:
        here.gone |= set(done.done)
        here.select(here.after(here.selected))


def _why(one: Refusal) -> str:
    if one.code in _WHY_NOT:
        return _(_WHY_NOT[one.code])
    told = words.no_answer(one.text)
    return told.rstrip(".")


def _refusals(done: BulkDone) -> str:
    """Who was left out and why: `2 refused: Eva de Boer (a colleague has it), Jan Vos (it changed meanwhile)`."""
    if not done.refused:
        return ""
    named = [f"{author_name(one.author_name)} ({_why(one)})" for one in done.refused[:_TOLD]]
    rest = Counter(one.code for one in done.refused[_TOLD:])
    if rest:
        named.append(plural("{n} more", "{n} more", rest.total()))
    told = plural("{n} refused:", "{n} refused:", len(done.refused))
    return f"{told} {', '.join(named)}."
