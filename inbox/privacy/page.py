"""A dossier as one HTML file that anybody can read: no script, nothing fetched, in Dutch or English. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from inbox.privacy.dossier import Dossier

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f}"
    "h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid #bbb;padding-top:1rem}"
    "h3{font-size:1rem;margin:1.2rem 0 .3rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}"
    "dt{color:#555}dd{margin:0;overflow-wrap:anywhere}blockquote{margin:.3rem 0;padding:.5rem 1rem;background:#f3f3f6;"
    "white-space:pre-wrap;overflow-wrap:anywhere}figure{margin:.5rem 0}img{max-width:100%;height:auto}.soft{color:#555}"
)

_DUTCH: Mapping[str, str] = MappingProxyType(
    {
        "What we keep of you": "Wat wij van je bewaren",
        "Made on": "Gemaakt op",
        "Your accounts": "Je accounts",
        "What colleagues noted about you": "Wat collega's over je hebben genoteerd",
        "Conversation": "Gesprek",
        "Your messages": "Je berichten",
        "Our answers to you": "Onze antwoorden aan jou",
        "Answers that were written or sent": "Antwoorden die zijn geschreven of verstuurd",
        "Internal notes": "Interne notities",
        "Promises": "Beloften",
        "Shared with": "Gedeeld met",
        "Where it comes from, and how long it is kept": "Waar het vandaan komt en hoe lang het wordt bewaard",
        "Files with copies": "Bestanden met kopieën",
        "Rules that set your messages aside as noise": "Regels die je berichten als ruis apart zetten",
        "account": "account",
        "why": "reden",
        "made_at": "gemaakt",
        "in_use": "in gebruik",
        "Nothing": "Niets",
        "earlier text": "eerdere tekst",
        "image": "foto",
        "video": "video",
        "audio": "geluid",
        "not kept": "niet bewaard",
        "messages of others in this conversation, which are theirs": "berichten van anderen, die van hen zijn",
        "days": "dagen",
        "Your rights": "Je rechten",
        "rights": (
            "Je kunt ons vragen om gegevens te verbeteren, te wissen of niet langer te gebruiken, en je kunt een "
            "klacht indienen bij de Autoriteit Persoonsgegevens."
        ),
        "platform": "platform",
        "external_id": "kenmerk daar",
        "handle": "accountnaam",
        "name": "naam",
        "names": "namen",
        "url": "adres",
        "followers": "volgers",
        "is_staff": "medewerker van het platform",
        "is_bot": "automatisch account",
        "notes": "notities",
        "badges": "kenmerken",
        "consents": "toestemmingen",
        "status": "status",
        "reason_for_contact": "reden van contact",
        "tags": "labels",
        "kind": "soort",
        "visibility": "zichtbaarheid",
        "title": "titel",
        "id_there": "kenmerk daar",
        "source": "bron",
        "published_at": "geplaatst",
        "edited_at": "gewijzigd",
        "collected_at": "verzameld",
        "last_seen_at": "laatst gezien",
        "erased_at_the_latest": "uiterlijk gewist",
        "language": "taal",
        "sentiment": "toon",
        "sentiment_set_by_a_person": "toon bepaald door een medewerker",
        "labelled_in_samples": "in steekproeven beoordeeld als",
        "rating": "beoordeling",
        "likes": "likes",
        "replies": "reacties",
        "shares": "gedeeld",
        "views": "keer bekeken",
        "brands": "merken",
        "raw_copy_of": "kopie van het antwoord van het platform",
        "at": "op",
        "due_at": "uiterlijk",
        "state": "stand",
        "created_at": "gemaakt",
        "email": "mailadres",
        "question": "vraag",
        "to_address": "mailadres",
        "subject": "onderwerp",
        "sent_at": "verzonden",
        "kept_days": "bewaard (dagen)",
        "refreshed_or_erased_within_days": "ververst of gewist binnen (dagen)",
        "id": "kenmerk",
        "file": "bestand",
        "written_at": "geschreven",
    }
)
_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "rights": (
            "You may ask us to correct or erase data or to stop using it, and you may complain to the supervisory "
            "authority of your country."
        )
    }
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
    body += page.section("Where it comes from, and how long it is kept", [page.facts(one) for one in dossier.sources])
    body += page.section(
        "Rules that set your messages aside as noise", [page.facts(one) for one in dossier.noise_rules]
    )
    body += page.section("Files with copies", [page.facts(one) for one in dossier.exports])
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
        self._words = _DUTCH if language == "nl" else _ENGLISH
        self._zone = zone

    def word(self, text: str) -> str:
        """In the language of the page; names of fields become words."""
        return self._words.get(text, text.replace("_", " "))

    def value(self, value: Any) -> str:
        """One value as HTML."""
        if isinstance(value, datetime):
            return escape(value.astimezone(self._zone).strftime("%Y-%m-%d %H:%M"))
        if isinstance(value, list | tuple):
            return "<br>".join(self.value(each) for each in value)
        return escape(str(value))

    def facts(self, facts: Mapping[str, Any], *, without: Iterable[str] = ()) -> str:
        """Names and values; what is empty stays out."""
        left = {
            name: value for name, value in facts.items() if name not in without and value not in (None, "", [], False)
        }
        rows = "".join(
            f"<dt>{escape(self.word(name))}</dt><dd>{self.value(value)}</dd>" for name, value in left.items()
        )
        return f"<dl>{rows}</dl>"

    def section(self, title: str, parts: Iterable[str]) -> list[str]:
        """A heading and what stands under it."""
        return [f"<h2>{escape(self.word(title))}</h2>", *(list(parts) or [f"<p>{escape(self.word('Nothing'))}.</p>"])]

    def conversation(self, one: Mapping[str, Any]) -> list[str]:
        """One conversation."""
        about = {name: one[name] for name in ("platform", "status", "reason_for_contact", "tags")}
        body = [f"<h2>{escape(self.word('Conversation'))} {one['number']}</h2>", self.facts(about)]
        if one["messages_of_others"]:
            words = self.word("messages of others in this conversation, which are theirs")
            body.append(f'<p class="soft">{one["messages_of_others"]} {escape(words)}.</p>')
        body.append(f"<h3>{escape(self.word('Your messages'))}</h3>")
        for message in one["messages"]:
            body += [self._said(message["text"]), self.facts(message, without=("text", "earlier_texts", "pictures"))]
            for each in message["pictures"]:
                body.append(self._attached(each))
            for edit in message["earlier_texts"]:
                body += [f'<p class="soft">{escape(self.word("earlier text"))}</p>', self._said(edit["text"])]
        for title, name in (
            ("Our answers to you", "answers"),
            ("Answers that were written or sent", "answers_not_sent"),
            ("Internal notes", "notes"),
            ("Promises", "promises"),
        ):
            if one[name]:
                body.append(f"<h3>{escape(self.word(title))}</h3>")
                for each in one[name]:
                    body += [self._said(each["text"]), self.facts(each, without=("text",))]
        if one["shared_with"]:
            body.append(f"<h3>{escape(self.word('Shared with'))}</h3>")
            body += [self.facts(each) for each in one["shared_with"]]
        return body

    def _attached(self, one: Mapping[str, Any]) -> str:
        """A picture, or that there was one."""
        told = escape(one["description"] or self.word(one["kind"]))
        if one["jpeg"] is None:
            return f'<p class="soft">{escape(self.word(one["kind"]))}: {told} ({self.word("not kept")})</p>'
        image = f'<img src="data:image/jpeg;base64,{one["jpeg"]}" alt="{told}">'
        return f"<figure>{image}<figcaption>{told}</figcaption></figure>"

    def _said(self, text: str) -> str:
        return f'<blockquote dir="auto">{escape(text)}</blockquote>'
