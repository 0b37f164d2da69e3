"""What our mails say, in Dutch and English: plain text and a simple HTML of the same words. Pure.

Words of others stand in the mail as they are; in the HTML every one is escaped. There is one link, and nothing is
fetched from anywhere.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

_LONGEST_SUBJECT = 150


class MailKind(StrEnum):
    """What a mail is about."""

    WELCOME = "welcome"
    PASSWORD = "password_link"  # noqa: S105 - the name of a mail
    QUESTION = "question"
    ANSWERED = "answered"
    MENTIONED = "mentioned"
    ASSIGNED = "assigned"
    PROMISE_DUE = "promise_due"
    SNOOZE_OVER = "snooze_over"
    APPROVAL = "approval"
    EXPORT_FAILED = "export_failed"
    ALERT = "alert"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is written: subject, plain text, HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    lead: str
    button: str
    close: str = ""


_ENGLISH: Mapping[MailKind, _Words] = MappingProxyType(
    {
        MailKind.WELCOME: _Words(
            "{by} invites you to Klankbord",
            "Hello {name},\n\n{by} added you to Klankbord, where your team answers what people say online. Choose a "
            "password to begin; your sign-in name is {login}.",
            "Choose a password",
            "The link works once, until {until}.",
        ),
        MailKind.PASSWORD: _Words(
            "A link to sign in",
            "Hello {name},\n\nSomebody asked for a link to sign in with your name, {login}. With it you choose a new "
            "password.",
            "Choose a new password",
            "The link works once, until {until}. Was it not you? Then you need not do anything: your password stays as "
            "it is.",
        ),
        MailKind.QUESTION: _Words(
            "A question from {by}",
            "Hello {name},\n\n{by} asks for your help with a message from a customer:",
            "Read and answer",
            "The link shows the message and a box for your answer. It works for one answer, until {until}; you need no "
            "account. Your answer goes to {by}, not to the customer.",
        ),
        MailKind.ANSWERED: _Words(
            "{by} answered your question",
            "Hello {name},\n\n{by} answered your question about a conversation:",
            "Open the conversation",
        ),
        MailKind.MENTIONED: _Words(
            "{by} mentions you in a note", "Hello {name},\n\n{by} mentions you in a note:", "Open the conversation"
        ),
        MailKind.ASSIGNED: _Words(
            "{by} assigned a conversation to you",
            "Hello {name},\n\n{by} assigned a conversation to you:",
            "Open the conversation",
        ),
        MailKind.PROMISE_DUE: _Words(
            "A promise is due", "Hello {name},\n\nA customer was promised this:", "Open the conversation"
        ),
        MailKind.SNOOZE_OVER: _Words(
            "A conversation is back",
            "Hello {name},\n\nThe snooze of a conversation is over:",
            "Open the conversation",
        ),
        MailKind.APPROVAL: _Words(
            "An answer waits for your approval",
            "Hello {name},\n\n{by} wrote an answer that somebody else has to read first:",
            "Read the answer",
        ),
        MailKind.EXPORT_FAILED: _Words(
            "The export “{what}” failed",
            "Hello {name},\n\nThe scheduled export “{what}” of {period} could not be made or delivered. Nothing "
            "half was left behind. The page of exports says why, and starts it again.",
            "Open the exports",
        ),
        MailKind.ALERT: _Words("{title}", "{title}.\n\n{told}", "See why"),
        MailKind.TEST: _Words(
            "A test from Klankbord", "This mail was sent to see whether mail arrives. It does.", "Open Klankbord"
        ),
    }
)
_DUTCH: Mapping[MailKind, _Words] = MappingProxyType(
    {
        MailKind.WELCOME: _Words(
            "{by} nodigt je uit voor Klankbord",
            "Hallo {name},\n\n{by} heeft je toegevoegd aan Klankbord, waar je team antwoordt op wat mensen online "
            "zeggen. Kies een wachtwoord om te beginnen; je inlognaam is {login}.",
            "Kies een wachtwoord",
            "De link werkt één keer, tot {until}.",
        ),
        MailKind.PASSWORD: _Words(
            "Een link om in te loggen",
            "Hallo {name},\n\nIemand heeft een link gevraagd om met jouw naam, {login}, in te loggen. Daarmee kies "
            "je een nieuw wachtwoord.",
            "Kies een nieuw wachtwoord",
            "De link werkt één keer, tot {until}. Was jij het niet? Dan hoef je niets te doen: je wachtwoord "
            "blijft zoals het is.",
        ),
        MailKind.QUESTION: _Words(
            "Een vraag van {by}",
            "Hallo {name},\n\n{by} vraagt je hulp bij een bericht van een klant:",
            "Lezen en antwoorden",
            "De link toont het bericht en een vak voor je antwoord. Hij werkt voor één antwoord, tot {until}; een "
            "account heb je niet nodig. Je antwoord gaat naar {by}, niet naar de klant.",
        ),
        MailKind.ANSWERED: _Words(
            "{by} heeft je vraag beantwoord",
            "Hallo {name},\n\n{by} heeft je vraag over een gesprek beantwoord:",
            "Open het gesprek",
        ),
        MailKind.MENTIONED: _Words(
            "{by} noemt je in een notitie", "Hallo {name},\n\n{by} noemt je in een notitie:", "Open het gesprek"
        ),
        MailKind.ASSIGNED: _Words(
            "{by} heeft je een gesprek toegewezen",
            "Hallo {name},\n\n{by} heeft je een gesprek toegewezen:",
            "Open het gesprek",
        ),
        MailKind.PROMISE_DUE: _Words(
            "Een belofte moet worden nagekomen",
            "Hallo {name},\n\nDit is aan een klant beloofd:",
            "Open het gesprek",
        ),
        MailKind.SNOOZE_OVER: _Words(
            "Een gesprek is terug", "Hallo {name},\n\nEen gesprek sluimert niet langer:", "Open het gesprek"
        ),
        MailKind.APPROVAL: _Words(
            "Een antwoord wacht op je goedkeuring",
            "Hallo {name},\n\n{by} heeft een antwoord geschreven dat iemand anders eerst moet lezen:",
            "Lees het antwoord",
        ),
        MailKind.EXPORT_FAILED: _Words(
            "De export “{what}” is mislukt",
            "Hallo {name},\n\nDe geplande export “{what}” van {period} kon niet worden gemaakt of afgeleverd. Er is "
            "niets half achtergebleven. Op de pagina met exports lees je waarom, en start je hem opnieuw.",
            "Open de exports",
        ),
        MailKind.ALERT: _Words("{title}", "{title}.\n\n{told}", "Bekijk waarom"),
        MailKind.TEST: _Words(
            "Een proef van Klankbord",
            "Deze mail is verstuurd om te zien of mail aankomt. Dat doet hij.",
            "Open Klankbord",
        ),
    }
)
_TEXTS = MappingProxyType({"en": _ENGLISH, "nl": _DUTCH})


def write(kind: MailKind, language: str, *, link: str, quoted: str = "", **params: str) -> Letter:
    """Write a mail.

    Args:
        kind: what it is about.
        language: `nl` or `en`; English for any other.
        link: the one address in it.
        quoted: words of somebody, shown apart from ours.
        params: names in the sentences of this kind: `name`, `by`, `login`, `until`, `what`, `period`.
    """
    words = _TEXTS.get(language, _TEXTS["en"])[kind]
    clean = {key: " ".join(value.split()) for key, value in params.items()}
    subject = " ".join(words.subject.format(**clean).split())[:_LONGEST_SUBJECT]
    lead, close = words.lead.format(**clean), words.close.format(**clean)
    quote = quoted.strip()
    marked = "\n".join(f"> {line}" for line in quote.splitlines())
    text = "\n\n".join(part for part in (lead, marked, f"{words.button}:\n{link}", close, "Klankbord") if part) + "\n"
    return Letter(subject, text, _html(language, words, lead=lead, quote=quote, link=link, close=close))


def _html(language: str, words: _Words, *, lead: str, quote: str, link: str, close: str) -> str:
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in lead.split("\n\n"))
    quoted = (
        '<blockquote style="margin:16px 0;padding:8px 16px;border-left:3px solid #6366f1;white-space:pre-wrap">'
        f"{html.escape(quote)}</blockquote>"
        if quote
        else ""
    )
    return (
        f'<!doctype html><html lang="{language}"><body style="font:16px/1.5 system-ui,sans-serif;color:#1a1c25;'
        f'max-width:560px;margin:24px auto;padding:0 16px">{paragraphs}{quoted}'
        f'<p style="margin:24px 0"><a href="{html.escape(link)}" style="background:#4f46e5;color:#ffffff;'
        f'padding:12px 20px;border-radius:8px;text-decoration:none">{html.escape(words.button)}</a></p>'
        + (f'<p style="color:#5b6070;font-size:14px">{html.escape(close)}</p>' if close else "")
        + '<p style="color:#5b6070;font-size:14px">Klankbord</p></body></html>\n'
    )
