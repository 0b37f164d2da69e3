"""The seeded generator: who says what, where and when, over ninety days back and sixty ahead.

Pure: the same anchor and seed give the same world to the letter. It holds what a webcare team meets: posts, reviews
with stars, forum topics with answers, news, mail; threads, edits, copies, a burst with a cause, four languages, emoji.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from klankbord.example import phrases
from klankbord.example.people import BRAND, CARS, FIRST_NAMES, LAST_NAMES, PHONES, PLACES, STAFF, WEEKDAYS

DAYS_BACK = 90
DAYS_AHEAD = 60
OUTAGE_DAYS_BACK = 23
"""The day update 4.2 broke the chargers."""
PRICE_DAYS_BACK = 51
"""The day the letter about new prices arrived."""
_ZONE = ZoneInfo("Europe/Amsterdam")
_SEED = 20_261_122
_HOUR_WEIGHTS = (1, 1, 0, 0, 0, 1, 3, 6, 9, 10, 9, 8, 8, 8, 8, 8, 9, 9, 8, 10, 11, 9, 5, 2)
_LANGUAGES = (("nl", 76), ("en", 15), ("de", 5), ("fr", 4))
_TOPICS = (
    ("app", 15),
    ("bill", 18),
    ("phone", 12),
    ("technician", 9),
    ("price", 12),
    ("question", 16),
    ("praise", 9),
    ("idea", 5),
    ("cancel", 4),
)
OUTLETS = ("regio", "tech", "consument")


class Channel(StrEnum):
    """Where something is said."""

    POST = "post"
    REVIEW = "review"
    MAIL = "mail"
    FORUM = "forum"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Persona:
    """An invented person or the brand itself (`is_brand`)."""

    number: int
    name: str
    handle: str
    followers: int
    is_brand: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """What an utterance says from an instant on; `stars` for reviews."""

    at: datetime
    text: str
    stars: int | None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said. `thread` and `parent` are numbers of other utterances; `place` counts within a forum topic."""

    number: int
    channel: Channel
    at: datetime
    author: Persona
    lang: str
    topic: str
    text: str
    title: str | None = None
    stars: int | None = None
    thread: int = 0
    parent: int | None = None
    place: int = 1
    outlet: str | None = None
    edits: tuple[Edit, ...] = ()
    solves: bool = False

    def version(self, now: datetime) -> Utterance:
        """As it reads at an instant, after the edits made until then."""
        made = [edit for edit in self.edits if edit.at <= now]
        return replace(self, text=made[-1].text, stars=made[-1].stars) if made else self

    def touched(self, now: datetime) -> datetime:
        """When it was last written or edited, seen from an instant."""
        return max([self.at, *(edit.at for edit in self.edits if edit.at <= now)])


@dataclass(frozen=True, slots=True)
class World:
    """All utterances, oldest first."""

    anchor: datetime
    utterances: tuple[Utterance, ...]

    def until(self, now: datetime, channel: Channel) -> list[Utterance]:
        """What was said in a channel up to an instant, as it reads then, oldest first."""
        return [said.version(now) for said in self.utterances if said.channel is channel and said.at <= now]

    def moments(self) -> Iterator[tuple[datetime, Channel]]:
        """Every instant something is said or edited, with its channel, in order."""
        found = [(said.at, said.channel) for said in self.utterances]
        found += [(edit.at, said.channel) for said in self.utterances for edit in said.edits]
        yield from sorted(found)


def make_world(anchor: datetime) -> World:
    """Make the world around an anchor.

    Args:
        anchor: aware UTC; "now" of the first start. Only its calendar day counts, so that a restart on the same
            day gives the same world.
    """
    midnight = anchor.astimezone(_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    maker = _Maker(random.Random(_SEED), midnight)  # noqa: S311 - a story, not a secret
    for day in range(-DAYS_BACK, DAYS_AHEAD + 1):
        maker.day(day)
    return World(anchor, tuple(sorted(maker.said, key=lambda utterance: (utterance.at, utterance.number))))


class _Maker:
    """Builds the world day by day from one stream of chance."""

    def __init__(self, chance: random.Random, midnight: datetime) -> None:
        self.said: list[Utterance] = []
        self._chance = chance
        self._midnight = midnight
        self._brand = Persona(0, BRAND, "lumerik", 41_200, is_brand=True)
        self._people = [self._persona(number) for number in range(1, 521)]

    def day(self, day: int) -> None:
        weekend = (self._midnight + timedelta(days=day)).weekday() >= 5
        for _ in range(self._around(5 if weekend else 9)):
            self._something(self._moment(day))
        if day % 3 == 0:
            self._news(day, phrases.HEADLINES[(day // 3) % len(phrases.HEADLINES)], copies=1 + (day % 2))
        self._news(day, self._chance.choice(phrases.OFF_TOPIC), copies=1)
        self._spam(day)
        if day == -OUTAGE_DAYS_BACK:
            self._outage(day)
        if day == -PRICE_DAYS_BACK:
            for _ in range(45):
                self._something(self._moment(day, first_hour=9), topic="price")

    def _spam(self, day: int) -> None:
        """Now and then an account advertises under the name of the brand; without chance, so that the rest stands."""
        for place, (name, handle, texts) in enumerate(phrases.SPAM):
            if (day + 2 * place) % 6 == 0:
                at = self._midnight + timedelta(days=day, hours=10 + place, minutes=day % 60)
                who = Persona(950 + place, name, handle, 12)
                self._add(Channel.POST, at, who, "nl", "spam", texts[(day // 6) % len(texts)])

    def _outage(self, day: int) -> None:
        begun = self._midnight + timedelta(days=day, hours=7, minutes=12)
        for _ in range(120):
            minutes = min(self._chance.expovariate(1 / 200), 900)
            self._something(begun + timedelta(minutes=minutes), topic="outage")
        self._news(day, phrases.OUTAGE_NEWS, copies=3, hour=9)

    def _something(self, at: datetime, topic: str | None = None) -> None:
        topic = topic or self._weighted(_TOPICS)
        lang = self._weighted(_LANGUAGES)
        channel = self._channel(topic, lang)
        author = self._chance.choice(self._people)
        if channel is Channel.FORUM:
            self._discussion(at, author, topic)
            return
        root = self._add(channel, at, author, lang, topic, self._text(topic, lang))
        if channel is Channel.REVIEW:
            self._review(root)
        else:
            self._conversation(root)

    def _channel(self, topic: str, lang: str) -> Channel:
        if topic in phrases.FORUM and lang in {"nl", "en"} and self._chance.random() < 0.3:
            return Channel.FORUM
        if topic in {"praise", "bill", "phone", "technician", "cancel"} and self._chance.random() < 0.35:
            return Channel.REVIEW
        return Channel.MAIL if topic != "outage" and self._chance.random() < 0.15 else Channel.POST

    def _review(self, root: Utterance) -> None:
        stars = self._chance.choice((4, 5, 5)) if root.topic == "praise" else self._chance.choice((1, 1, 2, 2, 3))
        root = self._change(root, stars=stars)
        if self._chance.random() < 0.06:
            fallen = 1 if stars >= 4 else 4
            later = root.at + timedelta(days=self._chance.randint(2, 9), hours=self._chance.randint(0, 9))
            word = "UPDATE: helaas toch niet opgelost. " if fallen == 1 else "UPDATE: netjes opgelost door Lumerik. "
            self._change(root, edits=(Edit(later, word + root.text, fallen),))

    def _conversation(self, root: Utterance) -> None:
        """Posts and mail: sometimes shared again, answered by the brand, followed up by the customer."""
        last = root
        if root.channel is Channel.POST and self._chance.random() < 0.07:
            copy = f"RT @{root.author.handle}: {root.text}"
            self._add(
                Channel.POST, self._later(root.at, 90), self._chance.choice(self._people), root.lang, root.topic, copy
            )
        if root.channel is Channel.POST and self._chance.random() < 0.12:
            other = self._chance.choice(self._people)
            last = self._reply(root, last, other, self._varied(self._pick(phrases.REPLIES, root.lang), root.lang), 120)
        if self._chance.random() < 0.38:
            last = self._reply(root, last, self._brand, self._answer(root), 300)
            if self._chance.random() < 0.3:
                self._reply(root, last, root.author, self._pick(phrases.FOLLOW_UPS, root.lang), 600)

    def _discussion(self, at: datetime, author: Persona, topic: str) -> None:
        title, text, solution = self._same_slots(self._chance.choice(phrases.FORUM[topic]))
        lang = "en" if title.isascii() and title.startswith("How ") else "nl"
        root = self._add(Channel.FORUM, at, author, lang, topic, self._fill(self._varied(text, lang), lang))
        root = last = self._change(root, title=title)
        for _ in range(self._chance.choice((0, 1, 1, 2, 3, 5))):
            who = self._chance.choice(self._people)
            text = self._varied(self._pick(phrases.REPLIES, root.lang), root.lang)
            last = self._reply(root, last, who, text, 400)
        if self._chance.random() < 0.35:
            last = self._reply(root, last, self._brand, self._answer(root), 500)
        if self._chance.random() < 0.45:
            helper = self._people[self._chance.randint(0, 11)]
            answer = self._reply(root, last, helper, self._varied(solution, root.lang), 900)
            self._change(answer, solves=True)
        if self._chance.random() < 0.08:
            later = root.at + timedelta(minutes=self._chance.randint(5, 50))
            self._change(
                root, edits=(Edit(later, root.text + "\n\nEdit: modelnummer toegevoegd, LM-" + str(root.number), None),)
            )

    def _news(self, day: int, story: tuple[str, str], *, copies: int, hour: int | None = None) -> None:
        title, text = self._same_slots(story)
        at = self._midnight + timedelta(
            days=day, hours=hour or self._chance.randint(6, 17), minutes=self._chance.randint(0, 59)
        )
        for copy in range(min(copies, len(OUTLETS))):
            outlet = OUTLETS[(day + copy) % len(OUTLETS)]
            desk = Persona(900 + OUTLETS.index(outlet), f"Redactie {outlet.capitalize()}", outlet, 0)
            found = self._add(Channel.NEWS, at + timedelta(minutes=25 * copy), desk, "nl", "news", text)
            self._change(found, title=title, outlet=outlet)

    def _same_slots(self, parts: Sequence[str]) -> list[str]:
        """Fill the slots that title and text share, so that both name the same place and numbers."""
        filled = self._fill("\n".join(parts), "nl")
        return filled.split("\n")

    def _reply(self, root: Utterance, parent: Utterance, author: Persona, text: str, minutes: int) -> Utterance:
        reply = self._add(
            root.channel, self._later(parent.at, minutes), author, root.lang, root.topic, self._fill(text, root.lang)
        )
        return self._change(reply, thread=root.number, parent=parent.number, place=parent.place + 1)

    def _varied(self, text: str, lang: str) -> str:
        """The text with an opening before it or a detail behind it, as no two people write the same."""
        if self._chance.random() < 0.35:
            text = f"{self._pick(phrases.OPENERS, lang)} {text}"
        return f"{text} {self._pick(phrases.DETAILS, lang)}" if self._chance.random() < 0.75 else text

    def _answer(self, root: Utterance) -> str:
        return self._pick(phrases.ANSWERS, root.lang).replace("{naam}", root.author.name.split()[0])

    def _text(self, topic: str, lang: str) -> str:
        parts = [self._varied(self._pick(phrases.BODIES[topic], lang), lang)]
        if self._chance.random() < 0.55:
            parts.append(self._pick(phrases.SECONDS, lang))
        if self._chance.random() < 0.3:
            parts.append(self._chance.choice(phrases.ENDINGS.get(topic, phrases.ENDINGS["other"])))
        return self._fill(" ".join(parts), lang)

    def _fill(self, text: str, lang: str) -> str:
        chance = self._chance
        slots = {
            "plaats": chance.choice(PLACES),
            "dag": chance.choice(WEEKDAYS[lang]),
            "n": str(chance.randint(2, 9)),
            "m": str(chance.choice((20, 25, 35, 45, 50))),
            "bedrag": str(chance.randint(19, 420)),
            "telefoon": chance.choice(PHONES),
            "auto": chance.choice(CARS),
            "medewerker": chance.choice(STAFF),
            "naam": chance.choice(FIRST_NAMES),
            "uur": str(chance.randint(7, 22)),
        }
        for slot, value in slots.items():
            text = text.replace("{" + slot + "}", value)
        return text

    def _add(  # noqa: PLR0917 - an utterance is these six
        self, channel: Channel, at: datetime, author: Persona, lang: str, topic: str, text: str
    ) -> Utterance:
        number = len(self.said) + 1
        said = Utterance(number, channel, at.astimezone(UTC), author, lang, topic, text, thread=number)
        self.said.append(said)
        return said

    def _change(self, said: Utterance, **changes: object) -> Utterance:
        changed = replace(said, **changes)  # type: ignore[arg-type]
        self.said[said.number - 1] = changed
        return changed

    def _pick(self, texts: phrases.Texts, lang: str) -> str:
        return self._chance.choice(texts[lang])

    def _persona(self, number: int) -> Persona:
        first, last = self._chance.choice(FIRST_NAMES), self._chance.choice(LAST_NAMES)
        handle = "".join(char for char in f"{first}{last}".lower() if char.isascii() and char.isalnum())
        followers = int(self._chance.paretovariate(0.9) * 20)
        return Persona(number, f"{first} {last}", f"{handle}{number}", min(followers, 90_000))

    def _moment(self, day: int, first_hour: int = 0) -> datetime:
        weights = [weight if hour >= first_hour else 0 for hour, weight in enumerate(_HOUR_WEIGHTS)]
        hour = self._chance.choices(range(24), weights)[0]
        return self._midnight + timedelta(days=day, hours=hour, seconds=self._chance.randint(0, 3599))

    def _later(self, at: datetime, minutes: int) -> datetime:
        return at + timedelta(minutes=4 + self._chance.expovariate(1 / minutes))

    def _around(self, mean: int) -> int:
        return max(2, round(self._chance.gauss(mean, mean / 5)))

    def _weighted(self, choices: tuple[tuple[str, int], ...]) -> str:
        return self._chance.choices([name for name, _ in choices], [weight for _, weight in choices])[0]
