"""The words of a report in Dutch and English, and how numbers, days and durations are written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from babel import dates, numbers

_DUTCH: Mapping[str, str] = MappingProxyType(
    {
        "Report": "Rapport",
        "Made on {at}. Compared with {first} to {last}.": "Gemaakt op {at}. Vergeleken met {first} tot en met {last}.",
        "{first} to {last}": "{first} tot en met {last}",
        "In short": "In het kort",
        "Figure": "Cijfer",
        "Now": "Nu",
        "Before": "Daarvoor",
        "Change": "Verandering",
        "n": "n",
        "Left out": "Niet meegeteld",
        "P90": "P90",
        "Business time": "Werktijd",
        "Still open": "Nog open",
        "Durations are medians; P90 is the time within which nine of ten were done.": (
            "Tijden zijn medianen; P90 is de tijd waarbinnen negen van de tien klaar waren."
        ),
        "Messages and first answers per day": "Berichten en eerste antwoorden per dag",
        "messages": "berichten",
        "first answers": "eerste antwoorden",
        "{n} of {total} messages were found more than a day after they were said.": (
            "{n} van de {total} berichten zijn meer dan een dag na het plaatsen gevonden."
        ),
        "Day": "Dag",
        "Peaks": "Pieken",
        "From": "Vanaf",
        "Alert": "Melding",
        "Within": "Binnen",
        "Expected": "Verwacht",
        "Deadlines met, per team": "Termijnen gehaald, per team",
        "Team": "Team",
        "Deadlines": "Termijnen",
        "Met": "Gehaald",
        "Sources": "Bronnen",
        "Source": "Bron",
        "Messages": "Berichten",
        "Brands": "Merken",
        "Brand": "Merk",
        "Tone": "Toon",
        "negative": "negatief",
        "neutral": "neutraal",
        "positive": "positief",
        "unsure": "onzeker",
        "": "niet beoordeeld",
        "In {month} the tone was right for {right} of {n} labelled messages (95 %: {low} to {high}).": (
            "In {month} klopte de toon bij {right} van {n} beoordeelde berichten (95 %: {low} tot {high})."
        ),
        "How often the tone is right was not measured yet: nobody labelled messages.": (
            "Hoe vaak de toon klopt, is nog niet gemeten: niemand heeft berichten beoordeeld."
        ),
        "Themes": "Thema\u2019s",
        "Theme": "Thema",
        "Conversations": "Gesprekken",
        "No theme was raised in this period.": "In deze periode is geen thema genoemd.",
        "Quotes are public messages, shortened. Names of accounts and personal data were taken out by machine.": (
            "Citaten zijn openbare berichten, ingekort. Accountnamen en persoonsgegevens zijn er automatisch uit."
        ),
        "How well we listened": "Hoe goed we luisterden",
        "State": "Toestand",
        "Open gaps": "Open gaten",
        "Delay, half within": "Vertraging, de helft binnen",
        "Delay, 95 % within": "Vertraging, 95 % binnen",
        "When this report was made.": "Toen dit rapport werd gemaakt.",
        "ok": "in orde",
        "waiting": "wacht",
        "trouble": "storing",
        "login": "inloggen nodig",
        "refused": "geweigerd",
        "gone": "verdwenen",
        "off": "uit",
        "paused": "gepauzeerd",
        "Nothing came in, and nothing was answered, in this period.": (
            "In deze periode is niets binnengekomen en niets beantwoord."
        ),
        "What each figure means stands in the dashboard, beside the figure.": (
            "Wat elk cijfer betekent, staat in het dashboard bij het cijfer."
        ),
        "points": "punten",
        "Klankbord: {first} to {last}": "Klankbord: {first} tot en met {last}",
        "The report of {first} to {last} is attached to this mail.": (
            "Bij deze mail zit het rapport van {first} tot en met {last}."
        ),
        "Open the dashboard": "Open het dashboard",
        "no one": "geen",
        # Names of figures
        "Inflow": "Instroom",
        "Inflow by first sight": "Instroom naar eerste keer gezien",
        "Relevance rate": "Deel relevant",
        "Answer rate within 24 hours": "Beantwoord binnen 24 uur",
        "Answer rate within 7 days": "Beantwoord binnen 7 dagen",
        "First response time": "Eerste reactietijd",
        "Next response time": "Volgende reactietijd",
        "Resolution time": "Afrondtijd",
        "Waiting time of the customer": "Wachttijd van de klant",
        "Handle time": "Behandeltijd",
        "Deadlines met": "Termijnen gehaald",
        "Deadlines of answers met": "Antwoordtermijnen gehaald",
        "Deadlines of resolution met": "Afrondtermijnen gehaald",
        "Reopen rate": "Deel heropend",
        "Backlog": "Werkvoorraad",
        "Oldest open": "Oudste open",
        "Promises kept": "Beloften nagekomen",
        "Proactive share": "Deel uit eigen beweging",
        "Sentiment shift": "Verschuiving van de toon",
        "Load": "Belasting",
    }
)
_LOCALES: Mapping[str, str] = MappingProxyType({"nl": "nl_NL", "en": "en_GB"})
_UNITS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {"nl": ("d", "u", "min", "s"), "en": ("d", "h", "min", "s")}
)
MISSING = "\u2013"


class Tongue:
    """One language of reports.

    Args:
        code: `nl`, else English.
    """

    def __init__(self, code: str) -> None:
        self.code = "nl" if code == "nl" else "en"
        self._locale = _LOCALES[self.code]

    def say(self, text: str, **values: object) -> str:
        """A text of ours in this language, with values filled in as they are."""
        said = _DUTCH.get(text, text) if self.code == "nl" else text or "not scored"
        return said.format(**values) if values else said

    def number(self, value: float, decimals: int = 0) -> str:
        """A number."""
        return str(numbers.format_decimal(round(value, decimals), locale=self._locale))

    def percent(self, share: float) -> str:
        """A share 0-1 as a percentage with one decimal."""
        return f"{numbers.format_decimal(round(share * 100, 1), locale=self._locale)} %"

    def day(self, one: date) -> str:
        """A day with its year."""
        return str(dates.format_date(one, "d MMMM y", locale=self._locale))

    def short_day(self, one: date) -> str:
        """A day for an axis."""
        return str(dates.format_date(one, "d MMM", locale=self._locale))

    def moment(self, at: datetime, timezone: str) -> str:
        """A moment in a time zone."""
        return str(
            dates.format_datetime(at, "d MMMM y HH:mm", tzinfo=dates.get_timezone(timezone), locale=self._locale)
        )

    def duration(self, seconds: float) -> str:
        """Seconds as the two largest units that matter."""
        days, hours, minutes, short = _UNITS[self.code]
        whole = round(seconds)
        if whole < 60:
            return f"{whole} {short}"
        if whole < 3600:
            return f"{whole // 60} {minutes}"
        if whole < 86_400:
            return f"{whole // 3600} {hours} {whole % 3600 // 60:02} {minutes}"
        return f"{self.number(whole // 86_400)} {days} {whole % 86_400 // 3600} {hours}"

    def figure(self, value: float | None, unit: str) -> str:
        """A figure in its unit: count, share, seconds or points."""
        if value is None:
            return MISSING
        if unit == "seconds":
            return self.duration(value)
        if unit == "share":
            return self.percent(value)
        return self.number(value, 0 if unit == "count" else 2)

    def change(self, now: float | None, before: float | None, unit: str) -> str:
        """How a figure changed: shares in points, others in per cent; nothing where it rests on nothing."""
        if now is None or before is None:
            return MISSING
        if unit in {"share", "points"}:
            apart = (now - before) * (100 if unit == "share" else 1)
            return f"{'+' if apart > 0 else ''}{self.number(apart, 1 if unit == 'share' else 2)} {self.say('points')}"
        if not before:
            return MISSING
        grown = (now - before) / before
        return f"{'+' if grown > 0 else ''}{self.number(grown * 100)} %"
