"""The door to messages that say the same: `Inbox.copies`. Checks session and role, then delegates."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from inbox.bulk.views import Action, BulkDone
from inbox.copies import apart, together
from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.views import Done


class Copies:
    """What is done to everybody who says the same. They are listed in `Detail.copies`."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def close(self, token: str, conversation_id: int, seen: Mapping[int, int | None], action: Action) -> BulkDone:
        """Resolve, ignore or mark as spam a conversation and all that say the same; `seen` are versions.

        Copies that are closed stay as they are. `Inbox.bulk.undo` takes all of it back.

        Raises:
            BadInput: another action, or a value that does not fit it.
            NotFound: no such conversation.
        """
        return together.close(self._desk, self._entrance.agent(token), conversation_id, seen, action)

    def answer(
        self,
        token: str,
        conversation_id: int,
        wanted: Mapping[int, int | None],
        *,
        text: str,
        follow_up: str = "stay",
        confirmed: Collection[str] = (),
    ) -> BulkDone:
        """Answer these conversations of a group, `{id: version as it was seen}`, each by itself.

        They go out after ten seconds, in which `Inbox.bulk.undo` takes them back, at the pace of each platform. Sending
        the same again does not answer anybody twice. `text` may hold variables of templates (`{first_name}`).

        Raises:
            BadInput: one of them does not say the same.
            NotFound: no such conversation.
        """
        user = self._entrance.require(token, Permission.REPLY)
        said = together.Answer(text, follow_up, tuple(confirmed))
        return together.answer(self._desk, user, conversation_id, wanted, said)

    def take_out(self, token: str, mention_id: int) -> Done:
        """This one is different: it leaves its group for good, is counted, and is work where it was folded away.

        Raises:
            NotFound, ClaimedByOther: see `inbox.errors`.
        """
        return apart.take_out(self._desk, self._entrance.agent(token), mention_id)
