"""The way into the inbox: one facade that screens call, and nothing else.

What is close to the queue stands here; further rooms hang under it as doors of their own (`inbox.replies`, ...), each
built on the same `Entrance`.

Every method that acts takes the session token of the browser and checks session and role again, so a sign-out in
another tab or a withdrawn role counts from the next action on. Every action appends an event and may raise the
errors of `inbox.errors`, whose sentences are for people. The class only checks and delegates; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inbox import (
    annotate,
    answered,
    assign,
    choices,
    claims,
    detail,
    health,
    lists,
    moves,
    mute,
    people,
    sessions,
    sign_in,
    talks,
    undo,
)
from inbox.access.door import AccessDoor
from inbox.access.views import HalfWay
from inbox.alerts.door import Alerts
from inbox.availability.door import Availability
from inbox.availability.views import NothingNext
from inbox.bulk.door import BulkDoor
from inbox.copies.door import Copies
from inbox.desk import Clock, Desk, utc_now
from inbox.entrance import Entrance
from inbox.export_jobs.door import Exports
from inbox.hand_over.door import HandOvers
from inbox.kpis.door import Figures
from inbox.lab.door import QueryLab
from inbox.listening.door import Listening
from inbox.mail.door import MailDoor
from inbox.manual.door import Manual
from inbox.mentions.door import Mentions
from inbox.noise.door import Noise
from inbox.oidc.door import SingleSignOnDoor
from inbox.people_door import PeopleDoor
from inbox.people_views import LinkView, SignedIn
from inbox.persons.door import Persons
from inbox.pictures.door import Pictures
from inbox.presence.door import PresenceDoor
from inbox.privacy.door import Privacy
from inbox.promises.door import Promises
from inbox.replying.door import Replies
from inbox.reports.door import ReportsDoor
from inbox.rules.door import Rules
from inbox.saved_views.door import SavedViewsDoor
from inbox.secrecy import Secrecy
from inbox.sessions import Browser
from inbox.settings import InboxSettings
from inbox.source_views import HealthBar, SourceHealth
from inbox.specialists.door import SpecialistDoor
from inbox.tags.door import Tags
from inbox.themes.door import ThemesDoor
from inbox.themes.views import ThemeTalk
from inbox.tokens.door import Tokens
from inbox.tone.door import Tones
from inbox.tour.door import TourDoor
from inbox.trends.door import Trends
from inbox.views import (
    EVERYTHING,
    Choices,
    CurrentUser,
    Detail,
    Done,
    Filters,
    Listing,
    MessageView,
    View,
    ViewCount,
)
from inbox.workspace.door import Workspace
from inbox.writing.door import Writing
from store.engine import Store


class Inbox:
    """The inbox as screens see it. Safe to share between threads; keeps no state but its settings."""

    def __init__(
        self, store: Store, settings: InboxSettings, *, clock: Clock = utc_now, secrecy: Secrecy | None = None
    ) -> None:
        self._desk = Desk(store=store, settings=settings, clock=clock, secrecy=secrecy)
        self._entrance = Entrance(self._desk)
        self.access = AccessDoor(self._entrance)
        self.alerts = Alerts(self._entrance)
        self.mail = MailDoor(self._entrance)
        self.single_sign_on = SingleSignOnDoor(self._entrance)
        self.specialists = SpecialistDoor(self._entrance)
        self.people = PeopleDoor(self._entrance)
        self.persons = Persons(self._entrance)
        self.privacy = Privacy(self._entrance)
        self.manual = Manual(self._entrance)
        self.pictures = Pictures(self._entrance)
        self.workspace = Workspace(self._entrance)
        self.listening = Listening(self._entrance)
        self.presence = PresenceDoor(self._entrance)
        self.rules = Rules(self._entrance)
        self.noise = Noise(self._entrance)
        self.lab = QueryLab(self._entrance)
        self.bulk = BulkDoor(self._entrance)
        self.copies = Copies(self._entrance)
        self.saved_views = SavedViewsDoor(self._entrance)
        self.tour = TourDoor(self._entrance)
        self.tags = Tags(self._entrance)
        self.figures = Figures(self._entrance)
        self.themes = ThemesDoor(self._entrance)
        self.tokens = Tokens(self._entrance)
        self.tones = Tones(self._entrance)
        self.reports = ReportsDoor(self._entrance)
        self.trends = Trends(self._entrance)
        self.writing = Writing(self._entrance)
        self.replies = Replies(self._entrance)
        self.promises = Promises(self._entrance)
        self.availability = Availability(self._entrance)
        self.mentions = Mentions(self._entrance)
        self.hand_over = HandOvers(self._entrance)
        self.exports = Exports(self._entrance)

    def now(self) -> datetime:
        """The clock that everything here goes by, aware UTC."""
        return self._desk.clock()

    def zone(self) -> ZoneInfo:
        """The time zone of the workspace, whose days are the days of figures."""
        return ZoneInfo(self._desk.declared.timezone)

    def reading_together(self) -> AbstractContextManager[None]:
        """Let all that this thread reads in the block share one transaction (`Store.reading_together`)."""
        return self._desk.store.reading_together()

    # Signing in

    def sign_in(self, login: str, password: str, *, address: str, agent: str = "") -> SignedIn | HalfWay:
        """Start a session, or come half way when a second factor is needed (`inbox.access`).

        `address` is the browser's address, for slowing down guesses; `agent` what it calls itself.

        Raises:
            SignInRefused: wrong, unknown or disabled: one answer for all.
            TooManyAttempts: slowed down for this login or address.
        """
        return sign_in.with_password(self._desk, login, password, browser=Browser(address, agent))

    def look_at_link(self, link_token: str) -> LinkView | None:
        """For whom a one-time link is, or None when it is not valid (any more). Does not use it up."""
        return sign_in.look_at_link(self._desk, link_token)

    def use_link(self, link_token: str, new_password: str, *, address: str, agent: str = "") -> SignedIn | HalfWay:
        """Use a one-time link: set the password (at least 12 characters) and start a session, or come half way.

        Raises:
            SignInRefused: the link was used or expired.
            BadInput: the password is too short or too common.
            TooManyAttempts: slowed down for this address.
        """
        return sign_in.with_link(self._desk, link_token, new_password, browser=Browser(address, agent))

    def sign_out(self, token: str) -> None:
        """End this session; quiet when it had ended already."""
        sessions.revoke(self._desk, token)

    def sign_out_everywhere(self, token: str) -> int:
        """End all sessions of the signed-in person, this one too; how many were ended."""
        return sessions.revoke_all_of(self._desk, self._entrance.user(token).id)

    def current_user(self, token: str | None) -> CurrentUser:
        """Who is signed in with this token; counts as activity of the session.

        Raises:
            NotSignedIn: no, an unknown, an expired or a revoked token, or a disabled user.
        """
        return self._entrance.user(token)

    def set_language(self, token: str, language: str) -> None:
        """Keep the language of the screens (`nl`, `en`) with the person."""
        people.set_language(self._desk, self._entrance.user(token), language)

    # Reading

    def listing(
        self, token: str, view: View, filters: Filters = EVERYTHING, *, cursor: str | None = None, limit: int = 40
    ) -> Listing:
        """One page of a view in the order of work: overdue, due soonest, priority, oldest.

        Resolved, archived and searches are newest first. A search that cannot be read gives an empty page with
        `problem` set.
        """
        return lists.listing(self._desk, self._entrance.user(token), view, filters, cursor=cursor, limit=limit)

    def counts(self, token: str) -> tuple[ViewCount, ...]:
        """The badges of all views, exact, in one scan."""
        return lists.counts(self._desk, self._entrance.user(token))

    def choices(self, token: str) -> Choices:
        """What filters and menus offer."""
        return choices.choices(self._desk, self._entrance.user(token))

    def talks(self, token: str, conversation_ids: Sequence[int]) -> tuple[ThemeTalk, ...]:
        """Conversations as lines of a list, in the order given; what is gone is left out."""
        self._entrance.user(token)
        with self._desk.store.read() as conn:
            return talks.talks(conn, conversation_ids)

    def detail(self, token: str, conversation_id: int, *, search: str = "", messages: int = 200) -> Detail:
        """A conversation with its thread, author, notes and timeline. `search` marks its words.

        Raises:
            NotFound: there is no such conversation.
        """
        return detail.detail(self._desk, self._entrance.user(token), conversation_id, search=search, limit=messages)

    def earlier_messages(
        self, token: str, conversation_id: int, *, before: MessageView, search: str = "", limit: int = 200
    ) -> tuple[MessageView, ...]:
        """Messages of the thread before one that is shown, oldest first."""
        self._entrance.user(token)
        return detail.earlier_messages(self._desk, conversation_id, before=before, search=search, limit=limit)

    # Claims

    def next_for_me(self, token: str, *, view: View = View.ALL) -> Done | None:
        """Claim the first item of the queue atomically: overdue, due soonest, priority, oldest; None when empty.

        `view` narrows it to URGENT, OVERDUE, UNASSIGNED, NEW or MINE.
        """
        return claims.next_for(self._desk, self._entrance.agent(token), view=view)

    def why_nothing_next(self, token: str, *, view: View = View.ALL) -> NothingNext:
        """Why `next_for_me` gave nothing: one's desk is full, what waits takes a skill, or nothing waits."""
        return claims.why_none(self._desk, self._entrance.agent(token), view=view)

    def claim(self, token: str, conversation_id: int, *, take_over: bool = False) -> Done:
        """Take a conversation for `claim_minutes`; claiming one's own again renews it.

        Raises:
            ClaimedByOther: somebody has it; leads may `take_over`.
        """
        return claims.claim(self._desk, self._entrance.agent(token), conversation_id, take_over=take_over)

    def keep(self, token: str, conversation_id: int) -> bool:
        """Activity (typing, scrolling): renews a claim that still stands; False when it is no longer one's own."""
        return claims.keep(self._desk, self._entrance.agent(token), conversation_id)

    def release(self, token: str, conversation_id: int) -> Done:
        """Give a conversation back; it is new again when no work was done on it."""
        return claims.release(self._desk, self._entrance.agent(token), conversation_id)

    # Decisions. `version` is the card's; None skips the check of what changed since.

    def assign(self, token: str, conversation_id: int, user_id: int | None, *, version: int | None = None) -> Done:
        """Give it to somebody, or to nobody with None."""
        return assign.to_person(self._desk, self._entrance.agent(token), conversation_id, user_id, version=version)

    def assign_team(self, token: str, conversation_id: int, team_id: str | None, *, version: int | None = None) -> Done:
        """Give it to a team; its hours decide when it is due."""
        return assign.to_team(self._desk, self._entrance.agent(token), conversation_id, team_id, version=version)

    def resolve(
        self, token: str, conversation_id: int, *, reason: str | None = None, version: int | None = None
    ) -> Done:
        """Done; `reason` such as `no_answer_needed` (the default when nobody answered in this cycle)."""
        return moves.move(
            self._desk, self._entrance.agent(token), conversation_id, "resolved", reason=reason, version=version
        )

    def ignore(self, token: str, conversation_id: int, *, reason: str, version: int | None = None) -> Done:
        """Not for us; the reason is required."""
        return moves.move(
            self._desk, self._entrance.agent(token), conversation_id, "ignored", reason=reason, version=version
        )

    def mark_spam(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """Spam; leaves all figures."""
        return moves.move(self._desk, self._entrance.agent(token), conversation_id, "spam", version=version)

    def not_spam(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """Not spam after all: new again."""
        return moves.move(self._desk, self._entrance.agent(token), conversation_id, "new", version=version)

    def wait_for_customer(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """The customer is to answer; it comes back by itself when they do."""
        return moves.move(self._desk, self._entrance.agent(token), conversation_id, "waiting_customer", version=version)

    def wait_internally(
        self, token: str, conversation_id: int, *, reason: str | None = None, version: int | None = None
    ) -> Done:
        """A colleague is to answer."""
        return moves.move(
            self._desk, self._entrance.agent(token), conversation_id, "waiting_internal", reason=reason, version=version
        )

    def snooze(self, token: str, conversation_id: int, *, until: datetime, version: int | None = None) -> Done:
        """Out of sight until an instant (aware, in the future), or until the customer writes."""
        return moves.snooze(self._desk, self._entrance.agent(token), conversation_id, until=until, version=version)

    def reopen(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """Open again by hand: a closed one starts a new cycle, a waiting or snoozed one goes on."""
        return moves.move(self._desk, self._entrance.noter(token), conversation_id, "open", version=version)

    def mute(self, token: str, conversation_id: int, *, muted: bool = True, version: int | None = None) -> Done:
        """New messages no longer open it; with `muted` False they do again."""
        return mute.mute(self._desk, self._entrance.agent(token), conversation_id, muted=muted, version=version)

    def answered_by_hand(
        self,
        token: str,
        conversation_id: int,
        *,
        text: str = "",
        at: datetime | None = None,
        version: int | None = None,
    ) -> Done:
        """Record that the customer was answered on the platform itself; stops the clock of first response.

        `at` is when (aware, not in the future, not before the message); now when left out.
        """
        return answered.by_hand(
            self._desk, self._entrance.agent(token), conversation_id, text=text, at=at, version=version
        )

    def set_priority(self, token: str, conversation_id: int, priority: int, *, version: int | None = None) -> Done:
        """0 (risk) to 4 (low)."""
        return annotate.set_priority(
            self._desk, self._entrance.agent(token), conversation_id, priority, version=version
        )

    def set_why(self, token: str, conversation_id: int, why: str | None, *, version: int | None = None) -> Done:
        """Why they wrote: one of `views.WHYS`, or None."""
        return annotate.set_why(self._desk, self._entrance.agent(token), conversation_id, why, version=version)

    def add_tag(self, token: str, conversation_id: int, tag: str) -> Done:
        """Put a tag on it (1 to 50 characters, kept in lower case)."""
        return annotate.add_tag(self._desk, self._entrance.agent(token), conversation_id, tag)

    def remove_tag(self, token: str, conversation_id: int, tag: str) -> Done:
        """Take a tag off."""
        return annotate.remove_tag(self._desk, self._entrance.agent(token), conversation_id, tag)

    def add_note(self, token: str, conversation_id: int, text: str) -> Done:
        """Write an internal note (1 to 20,000 characters), for colleagues only."""
        return annotate.add_note(self._desk, self._entrance.noter(token), conversation_id, text)

    def undo(self, token: str, event_id: int) -> Done:
        """Take one's own step back within 10 seconds, unless somebody else changed it since.

        Raises:
            UndoRefused: too late, already undone, not one's own, or changed since.
        """
        return undo.undo(self._desk, self._entrance.noter(token), event_id)

    # Health, figures

    def health_bar(self, token: str) -> HealthBar:
        """The one bar for the whole team: what is dark or needs attention, worst first."""
        self._entrance.user(token)
        return health.bar(self._desk)

    def sources(self, token: str, *, days: int = 7) -> tuple[SourceHealth, ...]:
        """All sources, worst first, with the coverage ledger of the last `days`."""
        self._entrance.user(token)
        return health.sources(self._desk, span=timedelta(days=days))
