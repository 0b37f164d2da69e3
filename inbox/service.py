"""The way into the inbox: one facade that screens call, and nothing else.

Every method that acts takes the session token of the browser and checks session and role again, so a sign-out in
another tab or a withdrawn role counts from the next action on. Every action appends an event and may raise the
errors of `inbox.errors`, whose sentences are for people. The class only checks and delegates; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from inbox import (
    annotate,
    answered,
    assign,
    choices,
    claims,
    detail,
    export,
    health,
    kpis,
    lists,
    moves,
    people,
    sessions,
    sign_in,
    undo,
)
from inbox.desk import Clock, Desk, utc_now
from inbox.permissions import Permission, Role
from inbox.settings import InboxSettings
from inbox.views import (
    EVERYTHING,
    AuditRow,
    Choices,
    CurrentUser,
    Detail,
    Done,
    Filters,
    HealthBar,
    KpiValue,
    LinkView,
    Listing,
    MessageView,
    SignedIn,
    SignInLinkMade,
    SourceHealth,
    UserView,
    View,
    ViewCount,
)
from store.engine import Store


class Inbox:
    """The inbox as screens see it. Safe to share between threads; keeps no state but its settings."""

    def __init__(self, store: Store, settings: InboxSettings, *, clock: Clock = utc_now) -> None:
        self._desk = Desk(store=store, settings=settings, clock=clock)

    # Signing in

    def sign_in(self, login: str, password: str, *, address: str) -> SignedIn:
        """Start a session. `address` is the browser's address, for slowing down guesses.

        Raises:
            SignInRefused: wrong, unknown or disabled: one answer for all.
            TooManyAttempts: slowed down for this login or address.
        """
        return sign_in.with_password(self._desk, login, password, address=address)

    def look_at_link(self, link_token: str) -> LinkView | None:
        """For whom a one-time link is, or None when it is not valid (any more). Does not use it up."""
        return sign_in.look_at_link(self._desk, link_token)

    def use_link(self, link_token: str, new_password: str, *, address: str) -> SignedIn:
        """Use a one-time link: set the password (at least 12 characters) and start a session.

        Raises:
            SignInRefused: the link was used or expired.
            BadInput: the password is too short or too common.
            TooManyAttempts: slowed down for this address.
        """
        return sign_in.with_link(self._desk, link_token, new_password, address=address)

    def sign_out(self, token: str) -> None:
        """End this session; quiet when it had ended already."""
        sessions.revoke(self._desk, token)

    def sign_out_everywhere(self, token: str) -> int:
        """End all sessions of the signed-in person, this one too; how many were ended."""
        return sessions.revoke_all_of(self._desk, self._user(token).id)

    def current_user(self, token: str | None) -> CurrentUser:
        """Who is signed in with this token; counts as activity of the session.

        Raises:
            NotSignedIn: no, an unknown, an expired or a revoked token, or a disabled user.
        """
        return sessions.require(self._desk, token)

    def set_language(self, token: str, language: str) -> None:
        """Keep the language of the screens (`nl`, `en`) with the person."""
        people.set_language(self._desk, self._user(token), language)

    # Reading

    def listing(
        self, token: str, view: View, filters: Filters = EVERYTHING, *, cursor: str | None = None, limit: int = 40
    ) -> Listing:
        """One page of a view in the order of work: overdue, due soonest, priority, oldest.

        Resolved, archived and searches are newest first. A search that cannot be read gives an empty page with
        `problem` set.
        """
        return lists.listing(self._desk, self._user(token), view, filters, cursor=cursor, limit=limit)

    def counts(self, token: str) -> tuple[ViewCount, ...]:
        """The badges of all views, exact, in one scan."""
        return lists.counts(self._desk, self._user(token))

    def choices(self, token: str) -> Choices:
        """What filters and menus offer."""
        return choices.choices(self._desk, self._user(token))

    def detail(self, token: str, conversation_id: int, *, search: str = "", messages: int = 200) -> Detail:
        """A conversation with its thread, author history, notes and timeline. `search` marks its words.

        Raises:
            NotFound: there is no such conversation.
        """
        return detail.detail(self._desk, self._user(token), conversation_id, search=search, limit=messages)

    def earlier_messages(
        self, token: str, conversation_id: int, *, before: MessageView, search: str = "", limit: int = 200
    ) -> tuple[MessageView, ...]:
        """Messages of the thread before one that is shown, oldest first."""
        self._user(token)
        return detail.earlier_messages(self._desk, conversation_id, before=before, search=search, limit=limit)

    # Claims

    def next_for_me(self, token: str, *, view: View = View.ALL) -> Done | None:
        """Claim the first item of the queue atomically: overdue, due soonest, priority, oldest; None when empty.

        `view` narrows it to URGENT, OVERDUE, UNASSIGNED, NEW or MINE.
        """
        return claims.next_for(self._desk, self._agent(token), view=view)

    def claim(self, token: str, conversation_id: int, *, take_over: bool = False) -> Done:
        """Take a conversation for `claim_minutes`; claiming one's own again renews it.

        Raises:
            ClaimedByOther: somebody has it; leads may `take_over`.
        """
        return claims.claim(self._desk, self._agent(token), conversation_id, take_over=take_over)

    def keep(self, token: str, conversation_id: int) -> bool:
        """Activity (typing, scrolling): renews a claim that still stands; False when it is no longer one's own."""
        return claims.keep(self._desk, self._agent(token), conversation_id)

    def release(self, token: str, conversation_id: int) -> Done:
        """Give a conversation back; it is new again when no work was done on it."""
        return claims.release(self._desk, self._agent(token), conversation_id)

    # Decisions. `version` is the card's; None skips the check of what changed since.

    def assign(self, token: str, conversation_id: int, user_id: int | None, *, version: int | None = None) -> Done:
        """Give it to somebody, or to nobody with None."""
        return assign.to_person(self._desk, self._agent(token), conversation_id, user_id, version=version)

    def assign_team(self, token: str, conversation_id: int, team_id: str | None, *, version: int | None = None) -> Done:
        """Give it to a team; its hours decide when it is due."""
        return assign.to_team(self._desk, self._agent(token), conversation_id, team_id, version=version)

    def resolve(
        self, token: str, conversation_id: int, *, reason: str | None = None, version: int | None = None
    ) -> Done:
        """Done; `reason` such as `no_answer_needed` (the default when nobody answered in this cycle)."""
        return moves.move(self._desk, self._agent(token), conversation_id, "resolved", reason=reason, version=version)

    def ignore(self, token: str, conversation_id: int, *, reason: str, version: int | None = None) -> Done:
        """Not for us; the reason is required."""
        return moves.move(self._desk, self._agent(token), conversation_id, "ignored", reason=reason, version=version)

    def mark_spam(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """Spam; leaves all figures."""
        return moves.move(self._desk, self._agent(token), conversation_id, "spam", version=version)

    def not_spam(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """Not spam after all: new again."""
        return moves.move(self._desk, self._agent(token), conversation_id, "new", version=version)

    def wait_for_customer(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """The customer is to answer; it comes back by itself when they do."""
        return moves.move(self._desk, self._agent(token), conversation_id, "waiting_customer", version=version)

    def wait_internally(
        self, token: str, conversation_id: int, *, reason: str | None = None, version: int | None = None
    ) -> Done:
        """A colleague is to answer."""
        return moves.move(
            self._desk, self._agent(token), conversation_id, "waiting_internal", reason=reason, version=version
        )

    def snooze(self, token: str, conversation_id: int, *, until: datetime, version: int | None = None) -> Done:
        """Out of sight until an instant (aware, in the future), or until the customer writes."""
        return moves.snooze(self._desk, self._agent(token), conversation_id, until=until, version=version)

    def reopen(self, token: str, conversation_id: int, *, version: int | None = None) -> Done:
        """Open again by hand: a closed one starts a new cycle, a waiting or snoozed one goes on."""
        return moves.move(self._desk, self._noter(token), conversation_id, "open", version=version)

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
        return answered.by_hand(self._desk, self._agent(token), conversation_id, text=text, at=at, version=version)

    def set_priority(self, token: str, conversation_id: int, priority: int, *, version: int | None = None) -> Done:
        """0 (risk) to 4 (low)."""
        return annotate.set_priority(self._desk, self._agent(token), conversation_id, priority, version=version)

    def set_why(self, token: str, conversation_id: int, why: str | None, *, version: int | None = None) -> Done:
        """Why they wrote: one of `views.WHYS`, or None."""
        return annotate.set_why(self._desk, self._agent(token), conversation_id, why, version=version)

    def add_tag(self, token: str, conversation_id: int, tag: str) -> Done:
        """Put a tag on it (1 to 50 characters, kept in lower case)."""
        return annotate.add_tag(self._desk, self._agent(token), conversation_id, tag)

    def remove_tag(self, token: str, conversation_id: int, tag: str) -> Done:
        """Take a tag off."""
        return annotate.remove_tag(self._desk, self._agent(token), conversation_id, tag)

    def add_note(self, token: str, conversation_id: int, text: str) -> Done:
        """Write an internal note (1 to 20,000 characters), for colleagues only."""
        return annotate.add_note(self._desk, self._noter(token), conversation_id, text)

    def undo(self, token: str, event_id: int) -> Done:
        """Take one's own step back within 10 seconds, unless somebody else changed it since.

        Raises:
            UndoRefused: too late, already undone, not one's own, or changed since.
        """
        return undo.undo(self._desk, self._noter(token), event_id)

    # Health, figures, export

    def health_bar(self, token: str) -> HealthBar:
        """The one bar for the whole team: what is dark or needs attention, worst first."""
        self._user(token)
        return health.bar(self._desk)

    def sources(self, token: str, *, days: int = 7) -> tuple[SourceHealth, ...]:
        """All sources, worst first, with the coverage ledger of the last `days`."""
        self._user(token)
        return health.sources(self._desk, span=timedelta(days=days))

    def kpis(self, token: str, *, since: datetime, until: datetime, team_id: str | None = None) -> tuple[KpiValue, ...]:
        """All registered figures over [since, until)."""
        self._require(token, Permission.FIGURES)
        return kpis.values(self._desk, since=since, until=until, team_id=team_id)

    def export_mentions(
        self, token: str, filters: Filters = EVERYTHING, *, form: export.Form = export.PLAIN
    ) -> Iterator[bytes]:
        """Stream the mentions that match, in constant memory; same filter and same data give the same bytes.

        Raises:
            BadSearch: the search cannot be read.
        """
        user = self._require(token, Permission.EXPORT)
        return export.mentions(self._desk, filters, form, actor=user)

    # People

    def users(self, token: str) -> tuple[UserView, ...]:
        """Everybody, active first, then by name."""
        self._require(token, Permission.MANAGE_USERS)
        return people.users(self._desk)

    def add_user(self, token: str, *, login: str, name: str, role: Role, team_id: str | None = None) -> SignInLinkMade:
        """Add somebody; gives the one-time link with which they set their password.

        Raises:
            BadInput: the login is taken or not usable.
        """
        actor = self._require(token, Permission.MANAGE_USERS)
        return people.add(self._desk, login=login, name=name, role=role, team_id=team_id, actor_id=actor.id)

    def set_role(self, token: str, user_id: int, role: Role) -> None:
        """Change somebody's role; counts from their next action. The last administrator stays one."""
        actor = self._require(token, Permission.MANAGE_USERS)
        people.set_role(self._desk, user_id, role, actor_id=actor.id)

    def set_team(self, token: str, user_id: int, team_id: str | None) -> None:
        """Put somebody in a team."""
        actor = self._require(token, Permission.MANAGE_USERS)
        people.set_team(self._desk, user_id, team_id, actor_id=actor.id)

    def set_active(self, token: str, user_id: int, *, active: bool) -> None:
        """Disable somebody (their sessions and links end at once) or let them in again."""
        actor = self._require(token, Permission.MANAGE_USERS)
        people.set_active(self._desk, user_id, active=active, actor_id=actor.id)

    def reset_link(self, token: str, user_id: int) -> SignInLinkMade:
        """A new one-time link for somebody who forgot the password. Earlier links stop working."""
        actor = self._require(token, Permission.MANAGE_USERS)
        return people.make_sign_in_link(self._desk, user_id, actor_id=actor.id)

    def audit(self, token: str, *, limit: int = 200) -> Sequence[AuditRow]:
        """The latest lines of the record of people, newest first."""
        self._require(token, Permission.AUDIT)
        return people.audit(self._desk, limit=limit)

    # Checks

    def _user(self, token: str | None) -> CurrentUser:
        return self._require(token, Permission.READ)

    def _noter(self, token: str | None) -> CurrentUser:
        return self._require(token, Permission.NOTE)

    def _agent(self, token: str | None) -> CurrentUser:
        return self._require(token, Permission.WORK)

    def _require(self, token: str | None, permission: Permission) -> CurrentUser:
        return sessions.require(self._desk, token, permission)
