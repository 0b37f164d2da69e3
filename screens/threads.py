"""The reading part of the detail as HTML: who wrote, what was said. Everything of others goes through `verbatim`.

Pure: values in, HTML for `st.html` out. The classes are styled in `app.css`.
"""

from __future__ import annotations

from datetime import datetime

from inbox.correspondent import AuthorView
from inbox.views import PRIORITIES, Card, Detail, MessageView, SlaState
from screens import tone, words
from screens.attached import attachments
from screens.cards import author_name
from screens.i18n import _, full_moment, moment, number, plural, span
from screens.security import safe_url, verbatim

# A message longer than this is folded until the reader opens it.
FOLD_AT = 4_000
# What a message answers is told in short.
_FOLD_CONTEXT_AT = 600
_CONTEXT = "context"


def _badge(text: str, tone: str = "") -> str:
    return f'<span class="kb-badge {tone}">{verbatim(text)}</span>'


def _sla_badge(card: Card, now: datetime) -> str:
    due = card.sla.due_at
    if due is None:
        return ""
    left = (due - now).total_seconds()
    tone = {SlaState.RED: "red", SlaState.ORANGE: "orange", SlaState.GREEN: "green"}.get(card.sla.state, "")
    if left <= 0:
        return _badge(_("{time} overdue").format(time=span(left)), "red")
    return _badge(_("due in {time}").format(time=span(left)), tone)


def _author_facts(author: AuthorView | None, card: Card) -> str:
    facts: list[str] = []
    if author is not None:
        if author.followers is not None:
            facts.append(_("{n} followers").format(n=number(author.followers)))
        if author.n_contacts > 1:
            facts.append(plural("{n} contact", "{n} contacts", author.n_contacts))
    if card.cycle > 1:
        facts.append(_("reopened, round {n}").format(n=card.cycle))
    return f'<span class="kb-soft">{verbatim(" · ".join(facts))}</span>' if facts else ""


def head(detail: Detail, now: datetime) -> str:
    """Author, source, time and the badges that matter."""
    card, author = detail.card, detail.author
    name = author_name(card.author_name)
    when = card.last_inbound_at or card.sort_at
    handle = f"@{author.handle.lstrip('@')}" if author and author.handle else ""
    line = " · ".join(part for part in (handle, card.source_name, words.kind(card.kind), moment(when, now)) if part)
    badges = [_sla_badge(card, now), _badge(words.status(card.status), "status")]
    if card.status_reason:
        badges.append(_badge(words.reason(card.status_reason)))
    if card.snoozed_until is not None and card.status == "snoozed":
        badges.append(_badge(_("until {time}").format(time=moment(card.snoozed_until, now))))
    if card.priority <= 1:
        badges.append(_badge(words.priority(PRIORITIES[card.priority]), "red" if card.priority == 0 else "orange"))
    if card.visibility == "private":
        badges.append(_badge(_("private"), "orange"))
    if author is not None:
        badges.extend(_badge(words.badge(one), "status") for one in author.badges)
    if words.language(card.lang):
        badges.append(_badge(words.language(card.lang)))
    if card.rating is not None:
        stars = words.rating(card.rating)
        label = _("{n} of 5 stars").format(n=stars.count("★"))
        badges.append(f'<span class="kb-stars" role="img" aria-label="{verbatim(label)}">{stars}</span>')
    return (
        f'<div class="kb-head" data-conversation="{card.id}" data-version="{card.version}">'
        f'<div class="kb-avatar" aria-hidden="true">{verbatim(words.initials(name))}</div>'
        f'<div class="kb-who"><h2 class="kb-name"><bdi>{verbatim(name)}</bdi> '
        f'<span class="kb-soft">{verbatim(line)}</span></h2>'
        f'<div class="kb-badges">{"".join(badges)}{_author_facts(author, card)}</div></div></div>'
    )


def claim_line(detail: Detail, user_id: int, now: datetime) -> str:
    """Who is at work here, in words; empty when nobody is."""
    card = detail.card
    if card.claimed_by is None or (card.claimed_until is not None and card.claimed_until <= now):
        return ""
    if card.claimed_by.id == user_id:
        return ""
    since = next(
        (event.at for event in reversed(detail.events) if _is_claim(event.code) and event.actor == card.claimed_by),
        None,
    )
    until = (
        f" {_('The claim lapses at {time}.').format(time=moment(card.claimed_until, now))}"
        if card.claimed_until
        else ""
    )
    text = (
        _("{name} has this since {time}.").format(name=card.claimed_by.name, time=moment(since, now))
        if since
        else _("{name} is working on this.").format(name=card.claimed_by.name)
    )
    return notice("warning", text + until)


def _is_claim(code: str) -> bool:
    return code in {"claimed", "claim", "taken_over", "next"}


def notice(tone: str, text: str, link: tuple[str, str] | None = None) -> str:
    """A sentence in a bar; `link` is (path on this server, text)."""
    anchor = f' <a href="{verbatim(link[0])}" target="_self">{verbatim(link[1])}</a>' if link else ""
    role = "alert" if tone == "error" else "status"
    return f'<div class="kb-notice {tone}" role="{role}"><span>{verbatim(text)}{anchor}</span></div>'


def _text(message: MessageView, fold_at: int = FOLD_AT, *, explained: bool = True) -> str:
    if message.deleted_at is not None:
        gone = _("The author or the platform removed this message; its text is no longer kept.")
        if "erased" in message.flags:
            gone = _("This message was erased at its author's request.")
        elif "retention" in message.flags:
            gone = _("This message was kept as long as we keep messages, and was erased.")
        elif "unrefreshed" in message.flags:
            gone = _("The platform lets nobody keep this message longer without seeing it again; it was erased.")
        return f'<p class="kb-removed">{verbatim(gone)}</p>'
    told = message.tone if explained else None
    because = told.because if told is not None else ()
    because_title = told.because_title if told is not None else ()
    title = (
        f'<h3 class="kb-title" dir="auto">{tone.marked(message.title, message.marks_title, because_title)}</h3>'
        if message.title
        else ""
    )
    text = message.text
    if len(text) > fold_at:
        start, rest = text[:fold_at], text[fold_at:]
        label = _("Show the whole text ({n} characters)").format(n=number(len(text)))
        inner = (
            f"{tone.marked(start, message.marks_text, because)}"
            f"<details><summary>{verbatim(label)}</summary>{verbatim(rest)}</details>"
        )
    else:
        inner = tone.marked(text, message.marks_text, because)
    return f'{title}<div class="kb-text" dir="auto">{inner}</div>'


def _message_facts(message: MessageView, now: datetime) -> str:
    at = message.published_at or message.sort_at
    facts = [f'<time title="{verbatim(full_moment(at))}">{verbatim(moment(at, now))}</time>']
    if message.edited_at is not None:
        facts.append(verbatim(_("edited {time}").format(time=moment(message.edited_at, now))))
    if "date_missing" in message.flags:
        facts.append(verbatim(_("date unknown, shown by when it was found")))
    if "date_future" in message.flags:
        facts.append(verbatim(_("the source gives a date in the future")))
    if message.rating_text:
        facts.append(verbatim(message.rating_text))
    counts = (
        (message.likes, _("{n} likes")),
        (message.replies, _("{n} replies")),
        (message.shares, _("{n} shares")),
    )
    facts.extend(verbatim(words_.format(n=number(n))) for n, words_ in counts if n)
    url = safe_url(message.url)
    if url:
        original = verbatim(_("original"))
        facts.append(f'<a href="{verbatim(url)}" target="_blank" rel="noopener noreferrer nofollow">{original} ↗</a>')
    return " · ".join(facts)


def _above(message: MessageView, now: datetime, *, nearest: bool) -> str:
    """What a message answers, in short: it is there to be understood, not to be worked on."""
    told = _("The message this answers") if nearest else _("Before that")
    ours = _badge(_("our answer"), "status") if message.direction == "outbound" else ""
    return (
        f'<article class="kb-msg above"><div class="kb-by"><span class="kb-soft">{verbatim(told)}</span>'
        f"<b><bdi>{verbatim(author_name(message.author_name))}</bdi></b>{ours}</div>"
        f"{_text(message, _FOLD_CONTEXT_AT, explained=False)}{attachments(message.attached)}"
        f'<div class="kb-facts">{_message_facts(message, now)}</div></article>'
    )


def _message(message: MessageView, card: Card, now: datetime, *, focus: bool, corrects: bool) -> str:
    ours = message.direction == "outbound"
    kinds = " ".join(
        part for part in ("ours" if ours else "theirs", "focus" if focus else "", message.visibility) if part
    )
    badge = _badge(_("our answer"), "status") if ours else _badge(_("staff")) if message.is_staff else ""
    if message.is_bot:
        badge += _badge(_("bot"))
    label = (
        ""
        if focus and not ours and card.n_inbound + card.n_outbound <= 1
        else (f'<div class="kb-by"><b><bdi>{verbatim(author_name(message.author_name))}</bdi></b>{badge}</div>')
    )
    return (
        f'<article class="kb-msg {kinds}">{label}{_text(message)}{attachments(message.attached)}'
        f'<div class="kb-facts">{_message_facts(message, now)}</div>{tone.box(message, corrects=corrects)}</article>'
    )


def thread(detail: Detail, now: datetime, *, corrects: bool = False) -> str:
    """The thread, oldest first: the parent above, our own answers distinct, the newest of the customer in focus.

    `corrects`: with buttons that say what the tone of a message is.
    """
    context = [message for message in detail.messages if _CONTEXT in message.flags]
    said = [message for message in detail.messages if _CONTEXT not in message.flags]
    inbound = [message for message in said if message.direction != "outbound"]
    focus_id = inbound[-1].id if inbound else None
    above = "".join(_above(one, now, nearest=one is context[-1]) for one in context)
    if detail.opening is not None:
        above += _message(detail.opening, detail.card, now, focus=False, corrects=corrects)
    if detail.more_messages:
        above += f'<div class="kb-facts">{verbatim(_("Earlier messages are not shown yet."))}</div>'
    drawn = "".join(_message(one, detail.card, now, focus=one.id == focus_id, corrects=corrects) for one in said)
    if not said:
        drawn = f'<p class="kb-removed">{verbatim(_("The messages of this conversation were removed."))}</p>'
    attributes = f'data-conversation="{detail.card.id}" aria-label="{verbatim(_("Thread"))}"'
    return f'<section class="kb-thread" {attributes}>{above}{drawn}</section>'
