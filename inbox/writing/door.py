"""The door to writing an answer: `Inbox.writing`.

Checks session and role at every call and delegates; decides nothing. Sending itself is `Inbox.replies`.
"""

from __future__ import annotations

from inbox import reaching
from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.views import CurrentUser
from inbox.writing import drafts, facts, guard, templates, writers
from inbox.writing.views import (
    DraftKept,
    Drafts,
    Filled,
    Findings,
    Mode,
    Paper,
    Scope,
    TemplateView,
    UnsentDraft,
    Writer,
)

_NEEDS = {Mode.REPLY: Permission.REPLY, Mode.HAND: Permission.WORK, Mode.NOTE: Permission.NOTE}


class Writing:
    """Drafts, templates and the guard."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    # Drafts

    def save_draft(
        self,
        token: str,
        conversation_id: int,
        *,
        mode: Mode,
        text: str,
        rev: int,
        version: int,
        visibility: str | None = None,
        template_id: int | None = None,
    ) -> DraftKept:
        """Keep what somebody typed. A save older than what stands is dropped; blank text removes the draft.

        Args:
            token: the session.
            conversation_id: the conversation.
            mode: what the text is going to be.
            text: at most 100,000 characters.
            rev: one higher than the last one this browser knows.
            version: the conversation's version that the writer saw when beginning.
            visibility: public, unlisted or private, where the platform has a choice.
            template_id: the template it began with.

        Raises:
            BadInput: too long; the sentence says so.
            NotFound: there is no such conversation.
            StoreBusy: nothing was kept; the browser keeps it and tries again.
        """
        with reaching.in_words():
            user = self._entrance.require(token, _NEEDS[mode])
            return drafts.save(
                self._desk,
                user,
                conversation_id,
                mode=mode,
                text=text,
                rev=rev,
                version=version,
                visibility=visibility,
                template_id=template_id,
            )

    def discard(self, token: str, conversation_id: int, mode: Mode) -> DraftKept:
        """Remove one's own draft. Raises: NotFound."""
        return drafts.discard(self._desk, self._noter(token), conversation_id, mode)

    def sent(self, token: str, conversation_id: int, *, mode: Mode, template_id: int | None = None) -> None:
        """A text has become what it was for: its draft goes, and the template it began with was used once more.

        Raises: NotFound.
        """
        drafts.discard(self._desk, self._noter(token), conversation_id, mode)
        templates.count_use(self._desk, template_id)

    def drafts(self, token: str, conversation_id: int) -> Drafts:
        """One's own drafts on a conversation, and which colleagues have an answer standing. Raises: NotFound."""
        return drafts.of_conversation(self._desk, self._noter(token), conversation_id)

    def my_drafts(self, token: str) -> tuple[UnsentDraft, ...]:
        """What one has not sent, newest first, over all conversations; nothing for who cannot write."""
        user = self._entrance.user(token)
        return drafts.of_person(self._desk, user) if user.may(Permission.NOTE) else ()

    def paper(self, token: str, conversation_id: int) -> Paper:
        """Everything a composer begins with. Raises: NotFound."""
        user = self._entrance.reader(token, Permission.NOTE)
        return Paper(writers.writer(self._desk, user), drafts.of_conversation(self._desk, user, conversation_id))

    # Templates

    def templates(
        self, token: str, *, search: str = "", lang: str | None = None, archived: bool = False
    ) -> tuple[TemplateView, ...]:
        """The templates one may use: in the language first, then most used, then by name."""
        user = self._entrance.require(token, Permission.REPLY)
        return templates.listed(self._desk, user, search=search, lang=lang, archived=archived)

    def offered(self, token: str, conversation_id: int, *, search: str = "") -> tuple[tuple[TemplateView, Filled], ...]:
        """At most 30 templates for a conversation, its language first, each filled in for it. Raises: NotFound."""
        user = self._entrance.require(token, Permission.REPLY)
        return templates.offered(self._desk, user, conversation_id, search=search)

    def filled(self, token: str, conversation_id: int, template_id: int) -> Filled:
        """A template filled in for a conversation. Raises: NotFound."""
        user = self._entrance.require(token, Permission.REPLY)
        return templates.filled(self._desk, user, conversation_id, template_id)

    def save_template(
        self,
        token: str,
        template_id: int | None,
        *,
        name: str,
        text: str,
        lang: str | None = None,
        scope: Scope = Scope.PERSONAL,
        team_id: str | None = None,
    ) -> TemplateView:
        """Make a template (without an id) or change one.

        Raises:
            BadInput: name or text is empty, too long or taken, or a variable does not exist.
            NotAllowed: shared and team templates are for who manages the work.
            NotFound: no such template.
        """
        user = self._entrance.require(token, Permission.REPLY)
        return templates.save(
            self._desk, user, template_id, name=name, text=text, lang=lang, scope=scope, team_id=team_id
        )

    def archive_template(self, token: str, template_id: int) -> TemplateView:
        """Put a template away; nobody is offered it any more. Raises: NotFound, NotAllowed."""
        user = self._entrance.require(token, Permission.REPLY)
        return templates.put_away(self._desk, user, template_id, archived=True)

    def restore_template(self, token: str, template_id: int) -> TemplateView:
        """Bring a template back. Raises: NotFound, NotAllowed."""
        user = self._entrance.require(token, Permission.REPLY)
        return templates.put_away(self._desk, user, template_id, archived=False)

    # The writer, and the guard

    def writer(self, token: str) -> Writer:
        """One's own initials, and whether a colleague reads first."""
        return writers.writer(self._desk, self._entrance.user(token))

    def set_initials(self, token: str, initials: str) -> str | None:
        """Keep one's own initials (1 to 5 letters); blank takes them off. Raises: BadInput."""
        return writers.set_initials(self._desk, self._entrance.user(token), initials)

    def check(self, token: str, conversation_id: int, text: str, visibility: str | None = None) -> Findings:
        """What the guard says of an answer: what stops it and what has to be confirmed.

        Without a visibility the answer stands where the message stands that it answers. Raises: NotFound.
        """
        self._noter(token)
        with self._desk.store.read() as conn:
            known = facts.facts_of(conn, conversation_id)
        return guard.inspect(
            text,
            visibility=visibility or known.visibility,
            limits=known.limits,
            last_answer=known.last_answer,
            forms=guard.forms_of(self._desk.declared.order_numbers),
        )

    def _noter(self, token: str) -> CurrentUser:
        return self._entrance.noter(token)
