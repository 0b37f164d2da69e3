"""The example's webcare team: four invented agents who work the queue the way a good team does.

They act only through `inbox.service`, as people do through the screens, so the history they leave is true to the
rules: claims, answers, notes, waiting, snoozing, resolving.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from inbox import people, sessions
from inbox.desk import Desk
from inbox.errors import ClaimedByOther, InboxError, MoveRefused
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.views import Card, Filters, View
from klankbord.example import furnish, phrases, themes
from klankbord.example.people import STAFF

_LOGINS = {"Sanne": Role.AGENT, "Daan": Role.AGENT, "Yusuf": Role.AGENT, "Femke": Role.LEAD}


@dataclass(frozen=True, slots=True)
class _Habit:
    """How the team handles a topic that a text is about."""

    words: tuple[str, ...]
    why: str
    tag: str
    priority: int
    outcome: str


_HABITS = (
    _Habit(("4.2", "storing", "outage", "knippert", "fout "), "complaint", "storing", 0, "answer"),
    _Habit(("opzeg", "cancel", "stap ik over", "kündige", "quitte"), "complaint", "opzeggen", 1, "colleague"),
    _Habit(("compliment", "top!", "perfect", "well done", "credit", "eerlijk is", "fijn dat", "merci", "netter"), "compliment", "compliment", 4, "none"),
    _Habit(("idee", "idea", "mooi zijn als", "donkere modus", "dark mode", "dunkelmodus", "seintje", "graag een melding"), "idea", "idee", 4, "answer"),
    _Habit(("nota", "factuur", "afgeschreven", "bill", "charged", "abgebucht", "prélevé", "afrekening", "achterstand"), "complaint", "factuur", 2, "colleague"),
    _Habit(("monteur", "technician", "meter", "techniker", "technicien"), "complaint", "monteur", 2, "answer"),
    _Habit(("app", "inloggen", "log in", "scherm"), "complaint", "app", 2, "answer"),
    _Habit(("wacht", "hold", "gebeld", "klantenservice", "support", "mail"), "complaint", "bereikbaarheid", 2, "answer"),
    _Habit(("terugleverkosten", "tarieven", "voltade", "duurder", "standing charges"), "complaint", "prijs", 3, "answer"),
)  # fmt: skip
_SPAMMER = phrases.SPAM[-1][0]
"""An account that no noise rule knows yet, so that the team marks it by hand and a rule is suggested."""
_OTHERWISE = _Habit((), "question", "vraag", 3, "answer")
_ANSWERS = (
    "Hoi! Dank voor je bericht, we zoeken het meteen voor je uit.",
    "Goedemiddag, wat vervelend. Wil je ons je klantnummer in een privébericht sturen?",
    "Dit is inmiddels opgelost. Laat het gerust weten als het niet lukt!",
    "Hi, thanks for letting us know. We are looking into it.",
)
_NOTES = (
    "Gebeld, klant is op de hoogte.",
    "Uitgezet bij facturatie, verwacht antwoord binnen twee werkdagen.",
    "Zelfde klacht als vorige week, zie eerdere berichten.",
    "@femke kun je hier even naar kijken?",
)


class Team:
    """Works the queue at given instants.

    Args:
        desk: store, settings and a clock that `set_clock` moves.
        set_clock: puts the clock at an instant.
        chance: decides what people decide.
    """

    def __init__(self, desk: Desk, set_clock: Callable[[datetime], None], chance: random.Random) -> None:
        self.store = desk.store
        self._desk = desk
        self._inbox = Inbox(desk.store, desk.settings, clock=desk.clock)
        self._set_clock = set_clock
        self._chance = chance
        self._ids = {name: self._hired(name) for name in STAFF}
        self._followed_up: date | None = None
        self._tokens: dict[str, tuple[str, datetime]] = {}

    def settle_in(self, now: datetime) -> None:
        """Agree on templates, rules, tags and views, on the first day."""
        self._set_clock(now)
        themes.make(self._inbox, self._token(themes.LEAD, now))
        furnish.agree(self._inbox, {name: self._token(name, now) for name in STAFF}, lead="Femke")

    def recognise(self, now: datetime) -> None:
        """Say who is a journalist or a customer to handle with care."""
        self._set_clock(now)
        furnish.recognise(self._desk, self._inbox, self._token("Femke", now))

    def report(self, now: datetime) -> None:
        """Make last week's report."""
        self._set_clock(now)
        furnish.report(self._desk, self._inbox, self._token("Femke", now), now)

    def work(self, start: datetime, stretch: timedelta, most: int) -> int:
        """Take up to so many new items of the queue within a stretch of time, spread evenly; how many were done."""
        self._set_clock(start)
        token = self._token(STAFF[0], start)
        fresh = self._inbox.listing(token, View.NEW, limit=most).cards
        again = self._inbox.listing(token, View.ALL, Filters(statuses=("open",)), limit=most - len(fresh)).cards
        cards = [*fresh, *again] if len(fresh) < most else fresh
        for number, card in enumerate(cards):
            now = start + stretch * (number + 1) / (len(cards) + 1)
            self._set_clock(now)
            token = self._token(self._chance.choice(STAFF), now)
            try:
                self._inbox.claim(token, card.id)
                self._set_clock(now + timedelta(minutes=self._chance.uniform(0.5, 4)))
                self._handle(token, card)
            except (ClaimedByOther, MoveRefused):
                continue  # a colleague was quicker
        return len(cards)

    def follow_up(self, now: datetime) -> None:
        """Finish what waits for a colleague, and close what customers left unanswered for days; once a day."""
        if self._followed_up == now.date():
            return
        self._followed_up = now.date()
        self._set_clock(now)
        token = self._token("Femke", now)
        for status in ("waiting_internal", "waiting_customer"):
            page = self._inbox.listing(
                token, View.ALL, Filters(statuses=(status,), until=now - timedelta(days=2)), limit=15
            )
            for card in page.cards:
                try:
                    self._inbox.resolve(token, card.id)
                except InboxError:
                    continue  # somebody has it in hand; tomorrow is another day

    def _handle(self, token: str, card: Card) -> None:
        inbox, chance = self._inbox, self._chance
        if card.kind == "article":
            inbox.resolve(token, card.id, reason="no_answer_needed")
            return
        if card.author_name == _SPAMMER:
            inbox.mark_spam(token, card.id)
            return
        habit = _habit_for(card)
        if chance.random() < 0.6:
            inbox.set_why(token, card.id, habit.why)
        if chance.random() < 0.5:
            inbox.add_tag(token, card.id, habit.tag)
        if card.id % 2:
            themes.judge(inbox, token, card.id, habit.tag)
        if habit.priority <= 1:
            inbox.set_priority(token, card.id, habit.priority)
        if chance.random() < 0.08:
            inbox.add_note(token, card.id, chance.choice(_NOTES))
        self._finish(token, card.id, habit)

    def _finish(self, token: str, conversation_id: int, habit: _Habit) -> None:
        inbox, roll = self._inbox, self._chance.random()
        if habit.outcome == "none" and roll < 0.6:
            inbox.resolve(token, conversation_id, reason="no_answer_needed")
        elif habit.outcome == "colleague" and roll < 0.35:
            inbox.wait_internally(token, conversation_id, reason="facturatie")
        elif roll < 0.04:
            inbox.ignore(token, conversation_id, reason="not_for_us")
        elif roll < 0.08:
            inbox.snooze(
                token, conversation_id, until=self._desk.clock() + timedelta(hours=self._chance.randint(4, 30))
            )
        else:
            inbox.answered_by_hand(token, conversation_id, text=self._chance.choice(_ANSWERS))
            if roll < 0.3:
                inbox.wait_for_customer(token, conversation_id)
            else:
                inbox.resolve(token, conversation_id)

    def _hired(self, name: str) -> int:
        login = name.lower()
        known = {user.login: user.id for user in people.users(self._desk)}
        if login in known:
            return known[login]
        team = self._desk.settings.teams[0].id if self._desk.settings.teams else None
        role = _LOGINS[name]
        return people.add(self._desk, login=login, name=name, role=role, team_id=team, is_example=True).user.id

    def _token(self, name: str, now: datetime) -> str:
        """A session of the day; agents sign in every morning."""
        token, since = self._tokens.get(name, ("", now - timedelta(days=2)))
        if now - since > timedelta(hours=6):
            token = sessions.start_for(self._desk, self._ids[name]).token
            self._tokens[name] = (token, now)
        return token


def _habit_for(card: Card) -> _Habit:
    said = f"{card.title or ''} {card.snippet}".lower()
    return next((habit for habit in _HABITS if any(word in said for word in habit.words)), _OTHERWISE)
