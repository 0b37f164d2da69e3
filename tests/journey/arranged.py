"""What a few pictures need and the example has not: somebody new, a question to a specialist, tokens, a ticket.

Each is made when a picture first asks for it, through the same doors as on screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pyotp
from sqlalchemy import func, select

from inbox import people, sessions, sign_in
from inbox.access import second_factor
from inbox.desk import Desk
from inbox.people_views import SignedIn
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.sessions import Browser
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Wish
from inbox.views import View
from store.schema import author, conversation

_NEW = "noor"
_PASSWORD = "een lange zin vol gewone woorden"
_HERE = Browser(agent="", address="127.0.0.1")
_ASKED = "Kennen jullie dit al, en wat raden we de klant aan? Graag voor het eind van de middag."
_TOKENS = (
    Wish("Datawarehouse", (Scope.READ_MENTIONS, Scope.READ_FIGURES), 365),
    Wish("Scherm op de afdeling", (Scope.READ_FIGURES,), 90, brand_ids=("lumerik",)),
)


class Arranged(Mapping[str, str]):
    """Parts of addresses by name, made when they are asked for: `"/welcome/{link}".format_map(arranged)`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._inbox = Inbox(desk.store, desk.settings, clock=desk.clock, secrecy=desk.secrecy)
        self._sessions: dict[str, str] = {}
        self._ways: Mapping[str, Callable[[], str]] = {
            "link": self._link,
            "question": self._question,
            "customer": self._customer,
            "tokens": self._tokens,
        }

    def __getitem__(self, name: str) -> str:
        return self._ways[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._ways)

    def __len__(self) -> int:
        return len(self._ways)

    def session(self, login: str) -> str:
        """A session of somebody, one for all pictures."""
        if login not in self._sessions:
            self._sessions[login] = sessions.start_for(self._desk, people.find(self._desk, login).id).token
        return self._sessions[login]

    def ticket(self) -> str:
        """A ticket of somebody whose password was right and who still has to show a code."""
        done = sign_in.with_link(self._desk, self._link(), _PASSWORD, browser=_HERE)
        if not isinstance(done, SignedIn):
            return done.ticket
        begun = second_factor.begin(self._desk, done.user.id)
        code = pyotp.TOTP(begun.secret.replace(" ", "")).at(self._desk.clock())
        second_factor.turn_on(self._desk, done.user.id, code)
        half = sign_in.with_password(self._desk, _NEW, _PASSWORD, browser=_HERE)
        assert not isinstance(half, SignedIn)
        return half.ticket

    def _link(self) -> str:
        known = {user.login: user.id for user in people.users(self._desk)}
        if _NEW in known:
            return people.make_sign_in_link(self._desk, known[_NEW]).token
        return people.add(self._desk, login=_NEW, name="Noor", role=Role.AGENT, team_id="webcare").token

    def _question(self) -> str:
        token = self.session("sanne")
        cards = self._inbox.listing(token, View.NEW).cards
        card = next((one for one in cards if one.kind == "topic"), cards[0])
        mail = "karim@lumerik.example"
        return self._inbox.specialists.ask(token, card.id, name="Karim", email=mail, question=_ASKED).token

    def _customer(self) -> str:
        """Who wrote a review and came back most often."""
        with self._desk.store.read() as conn:
            reviewers = select(conversation.c.author_id).where(conversation.c.kind == "review")
            found = conn.execute(
                select(author.c.id, author.c.name)
                .join(conversation, conversation.c.author_id == author.c.id)
                .where(author.c.id.in_(reviewers))
                .group_by(author.c.id, author.c.name)
                .order_by(func.count().desc(), author.c.id)
            )
            return str(next(row.id for row in found if row.name.isascii()))

    def _tokens(self) -> str:
        """Nothing for the address, but tokens to be listed."""
        token = self.session("admin")
        if not self._inbox.tokens.listing(token):
            for wish in _TOKENS:
                self._inbox.tokens.make(token, wish)
        return ""
