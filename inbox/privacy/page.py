"""A dossier as one HTML file that anybody can read: no script, nothing fetched, in Dutch or English. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from inbox.privacy.dossier import Dossier
from inbox.privacy.left_out import LeftOut
from inbox.privacy.page_words import DUTCH, ENGLISH, PLACES

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f}"
    "h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid #bbb;padding-top:1rem}"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere}blockquote{margin:.3rem 0;padding:.5rem 1rem;background:#f3f3f6;"
    "white-space:pre-wrap;overflow-wrap:anywhere}figure{margin:.5rem 0}img{max-width:100%;height:auto}.soft{color:#555}"
    "dl dl{margin:0;font-size:.9em}"
)


def render(dossier: Dossier, *, language: str, zone: ZoneInfo) -> str:
    """The file.

    Args:
        dossier: what is kept.
        language: nl or en.
        zone: in which instants are told.
    """
    page = _Page("nl" if language == "nl" else "en", zone)
    title = page.word("What we keep of you")
    body = [f"<h1>{escape(title)}</h1>", f'<p class="soft">{page.word("Made on")} {page.value(dossier.made_at)}</p>']
    body += page.section("Your accounts", [page.facts(one) for one in dossier.accounts])
    if dossier.person is not None:
        body += page.section("What colleagues noted about you", [page.facts(dossier.person)])
    for one in dossier.conversations:
        body += page.conversation(one)
    for title, part in (
        ("What came in and could not be placed", dossier.incoming),
        ("Words of ours that name you", dossier.words),
        ("By what your accounts are recognised", dossier.recognised),
        ("Alerts that your messages were part of", dossier.alerts),
        ("Counts in which you stand", dossier.counts),
        ("Rules that set your messages aside as noise", dossier.noise_rules),
        ("Where it comes from, and how long it is kept", dossier.sources),
        ("Files with copies", dossier.exports),
    ):
        body += page.section(title, [page.facts(one) for one in part])
    body += page.section("What is not in this file, and why", [page.left_out(one) for one in dossier.left_out])
    body += page.section("Your rights", [f"<p>{escape(page.word('rights'))}</p>"])
    return (
        f'<!doctype html>\n<html lang="{page.language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


class _Page:
    """Words and shapes of one language."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self._words = DUTCH if language == "nl" else ENGLISH
        self._zone = zone

    def word(self, text: str) -> str:
        """In the language of the page; names of fields become words."""
        return self._words.get(text, text.replace("_", " "))

    def value(self, value: Any) -> str:
        """One value as HTML, however deep."""
        if isinstance(value, datetime):
            return escape(value.astimezone(self._zone).strftime("%Y-%m-%d %H:%M"))
        if isinstance(value, Mapping):
            return self.facts(value)
        if isinstance(value, list | tuple):
            return "<br>".join(self.value(each) for each in value)
        return escape(self.word(value) if value in PLACES else str(value))

    def facts(self, facts: Mapping[str, Any], *, without: Iterable[str] = ()) -> str:
        """Names and values; what is empty stays out."""
        left = {name: value for name, value in facts.items() if name not in without and not _is_empty(value)}
        rows = "".join(
            f"<dt>{escape(self.word(name))}</dt><dd>{self.value(value)}</dd>" for name, value in left.items()
        )
        return f"<dl>{rows}</dl>"

    def section(self, title: str, parts: Iterable[str]) -> list[str]:
        """A heading and what stands under it."""
        return [f"<h2>{escape(self.word(title))}</h2>", *(list(parts) or [f"<p>{escape(self.word('Nothing'))}.</p>"])]

    def left_out(self, one: LeftOut) -> str:
        """Something that stays out, why, and how it is called in the store."""
        called = ""
        if one.tables:
            names = ", ".join(one.tables)
            called = f' <span class="soft">{escape(self.word("In the system"))}: {escape(names)}.</span>'
        return f"<p><b>{escape(self.word(one.what))}.</b> {escape(self.word(one.why))}{called}</p>"

    def conversation(self, one: Mapping[str, Any]) -> list[str]:
        """One conversation."""
        body = [f"<h2>{escape(self.word('Conversation'))} {one['number']}</h2>", self.facts(one, without=_APART)]
        if one["messages_of_others"]:
            words = self.word("messages of others in this conversation, which are theirs")
            body.append(f'<p class="soft">{one["messages_of_others"]} {escape(words)}.</p>')
        body.append(f"<h3>{escape(self.word('Your messages'))}</h3>")
        for message in one["messages"]:
            body += self._message(message)
        for title, name in (
            ("Our answers to you", "answers"),
            ("Answers that were written or sent", "answers_not_sent"),
            ("Internal notes", "notes"),
            ("Drafts", "drafts"),
            ("Promises", "promises"),
        ):
            if one[name]:
                body.append(f"<h3>{escape(self.word(title))}</h3>")
                for each in one[name]:
                    body += [self._said(each["text"]), self.facts(each, without=("text",))]
        for title, name in (
            ("Shared with", "shared_with"),
            ("What was done", "steps"),
            ("How long it took", "measured"),
        ):
            if one[name]:
                body.append(f"<h3>{escape(self.word(title))}</h3>")
                body += [self.facts(each) for each in one[name]]
        return body

    def _message(self, message: Mapping[str, Any]) -> list[str]:
        body = [self._said(message["text"]), self.facts(message, without=_SHOWN)]
        body += [self._attached(each) for each in message["pictures"]]
        for edit in message["earlier_texts"]:
            body += [f'<p class="soft">{escape(self.word("earlier text"))}</p>', self._said(edit["text"])]
            body.append(self.facts(edit, without=("text",)))
        if message["platform_copy"]:
            told = self.value(message["platform_copy"])
            body.append(f"<details><summary>{escape(self.word('as the platform gave it'))}</summary>{told}</details>")
        return body

    def _attached(self, one: Mapping[str, Any]) -> str:
        """A picture, or that there was one."""
        told = escape(one["description"] or self.word(one["kind"]))
        facts = self.facts(one, without=("description", "not_kept", "jpeg"))
        if one["jpeg"] is None:
            return f'<p class="soft">{told} ({self.word("not kept")})</p>{facts}'
        image = f'<img src="data:image/jpeg;base64,{one["jpeg"]}" alt="{told}">'
        return f"<figure>{image}<figcaption>{told}</figcaption></figure>{facts}"

    def _said(self, text: str) -> str:
        return f'<blockquote dir="auto">{escape(text)}</blockquote>'


_APART = frozenset(
    {"number", "messages", "messages_of_others", "answers", "answers_not_sent", "notes", "drafts", "promises"}
    | {"shared_with", "steps", "measured"}
)
"""Parts of a conversation that stand under headings of their own."""
_SHOWN = frozenset({"text", "earlier_texts", "pictures", "platform_copy"})


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], (), {})
