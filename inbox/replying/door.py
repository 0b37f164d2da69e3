"""The door to answering: `Inbox.replies`. Checks session and role, then delegates; decides nothing."""

from __future__ import annotations

from collections.abc import Collection

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.replying import background, handling, reading, send
from inbox.replying.views import CheckView, OutboxView, ParentView
from inbox.views import CurrentUser, Done


class Replies:
    """Answers that go out through the outbox. Safe to share between threads; keeps no state."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def send(
        self,
        token: str,
        conversation_id: int,
        *,
        text: str,
        version: int,
        visibility: str | None = None,
        follow_up: str = "stay",
        template_id: int | None = None,
        mention_id: int | None = None,
        confirmed: Collection[str] = (),
    ) -> Done:
        """Put an answer on its way. It goes out after ten seconds, in which `undo` or `cancel` takes it back.

        From somebody who needs approval it waits for a colleague's yes instead (`Done.code` is `reply_approval`,
        otherwise `reply_queued`; the row's id is `Done.params["outbox_id"]`). The clock of first response stops when
        it was sent, not now.

        Args:
            token: of the session.
            conversation_id: what is answered.
            text: plain text, or what the platform's own markup makes of it; white space around it is dropped.
            version: of the conversation as the author saw it last.
            visibility: public, unlisted or private; as visible as the message when left out, and never more.
            follow_up: what becomes of the conversation once it is sent: stay, waiting_customer or resolved. Skipped,
                and told in the timeline, when the conversation changed meanwhile.
            template_id: the template it was made from.
            mention_id: the message that is answered; the customer's latest when left out.
            confirmed: codes of the guard's findings (`inbox.writing.views.Finding`) that the author said yes to.

        Raises:
            ClaimedByOther: a colleague has the conversation.
            AlreadyAnswered: a colleague's answer went out since `version`, or is on its way.
            CustomerWroteAgain: the customer wrote since `version`; carries the texts.
            Changed: a colleague did something since `version`.
            CannotReply: the platform, or the state, allows no answer; carries why and where to answer by hand.
            ReplyTooLong: in the platform's own unit.
            NeedsASecondLook: it has gaps, or would publish something that was not confirmed.
            BadInput: empty, or a visibility or follow-up that cannot be.
            NotFound: no such conversation or message.
        """
        user = self._writer(token)
        return send.send(
            self._desk,
            user,
            conversation_id,
            text=text,
            version=version,
            visibility=visibility,
            follow_up=follow_up,
            template_id=template_id,
            mention_id=mention_id,
            confirmed=confirmed,
        )

    def cancel(self, token: str, outbox_id: int) -> Done:
        """Take back what has not gone out, or put aside what failed or was rejected. Leads: anybody's.

        Raises:
            OutboxRefused: it is being sent, may have been sent, or was.
        """
        return handling.cancel(self._desk, self._writer(token), outbox_id)

    def retry(self, token: str, outbox_id: int) -> Done:
        """Send again what failed, or what was looked for on the platform and is not there.

        Raises:
            OutboxRefused: it may stand on the platform.
            NotAllowed: it needs approval that it never had.
        """
        return handling.retry(self._desk, self._writer(token), outbox_id)

    def approve(self, token: str, outbox_id: int, *, text: str | None = None, confirmed: Collection[str] = ()) -> Done:
        """Let a colleague's answer go out, as it is or with another text; after ten seconds, as every answer.

        Raises:
            OutboxRefused: one's own, or it no longer waits.
            CannotReply, ReplyTooLong, BadInput, NeedsASecondLook: of another text.
        """
        user = self._entrance.require(token, Permission.APPROVE)
        return handling.approve(self._desk, user, outbox_id, text=text, confirmed=confirmed)

    def reject(self, token: str, outbox_id: int, *, reason: str) -> Done:
        """Do not let a colleague's answer go out; the author reads why.

        Raises:
            OutboxRefused: one's own, or it no longer waits.
            BadInput: no reason, or one longer than 500 characters.
        """
        return handling.reject(self._desk, self._entrance.require(token, Permission.APPROVE), outbox_id, reason=reason)

    def sent_by_hand(self, token: str, outbox_id: int) -> Done:
        """Of an answer that may have been sent: somebody looked, it stands on the platform. Leads: anybody's.

        Raises:
            OutboxRefused: nothing is unclear about it.
        """
        return handling.sent_by_hand(self._desk, self._writer(token), outbox_id)

    def was_not_sent(self, token: str, outbox_id: int) -> Done:
        """Of an answer that may have been sent: somebody looked, it does not stand there. It then counts as failed.

        Raises:
            OutboxRefused: nothing is unclear about it.
        """
        return handling.was_not_sent(self._desk, self._writer(token), outbox_id)

    def like(self, token: str, mention_id: int) -> Done:
        """Like a message on the platform. Raises: CannotReply, ClaimedByOther, NotFound."""
        return send.act(self._desk, self._entrance.require(token, Permission.SEND), mention_id, "like")

    def hide(self, token: str, mention_id: int) -> Done:
        """Hide somebody's message on our own page. Raises: CannotReply, ClaimedByOther, NotFound."""
        return send.act(self._desk, self._entrance.require(token, Permission.SEND), mention_id, "hide")

    def delete_own(self, token: str, mention_id: int) -> Done:
        """Remove a post of ours from the platform. Raises: CannotReply, ClaimedByOther, NotFound."""
        return send.act(self._desk, self._entrance.require(token, Permission.SEND), mention_id, "delete_own")

    def fetch_parent(self, token: str, conversation_id: int) -> Done:
        """Ask the platform for the message that a conversation's first one answers; quiet when that was asked.

        Raises:
            CannotReply: it cannot be asked, or said that it is gone.
        """
        return background.fetch(self._desk, self._entrance.require(token, Permission.WORK), conversation_id)

    def parent_of(self, token: str, conversation_id: int) -> ParentView | None:
        """How it stands with what the first message answers; None when it answers nothing, or that is here."""
        self._entrance.user(token)
        return background.parent_of(self._desk, conversation_id)

    def recheck(self, token: str, mention_id: int) -> Done:
        """Ask the platform whether a message still stands; what was removed there is scrubbed. Raises: NotFound."""
        return background.recheck(self._desk, self._entrance.require(token, Permission.WORK), mention_id)

    def checks_of(self, token: str, conversation_id: int) -> dict[int, CheckView]:
        """The latest of those looks, by message."""
        self._entrance.user(token)
        return background.checks_of(self._desk, conversation_id)

    def of(self, token: str, conversation_id: int) -> tuple[OutboxView, ...]:
        """Everything of one conversation, oldest first; not what was only asked of the platform."""
        return reading.of(self._desk, self._entrance.user(token), conversation_id)

    def waiting_for_approval(self, token: str) -> tuple[OutboxView, ...]:
        """What waits for a colleague's yes, oldest first."""
        return reading.waiting_for_approval(self._desk, self._entrance.user(token))

    def n_waiting_for_approval(self, token: str) -> int:
        """How many wait for a colleague's yes, for a badge."""
        self._entrance.user(token)
        return reading.n_waiting_for_approval(self._desk)

    def troubled(self, token: str) -> tuple[OutboxView, ...]:
        """Failed, rejected, held or perhaps sent, newest first: one's own, and for leads everybody's."""
        return reading.troubled(self._desk, self._entrance.user(token))

    def _writer(self, token: str) -> CurrentUser:
        return self._entrance.require(token, Permission.REPLY)
