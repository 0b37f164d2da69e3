"""The door to specialists without a seat: agents ask with their session; who was asked answers with the link alone."""

from __future__ import annotations

from inbox.entrance import Entrance
from inbox.mail.notify import address
from inbox.permissions import Permission
from inbox.specialists import answering, asking
from inbox.specialists.views import Asked, QuestionPage, QuestionView
from inbox.views import Done


class SpecialistDoor:
    """Questions to specialists as screens see them."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def ask(
        self,
        token: str,
        conversation_id: int,
        *,
        name: str,
        email: str,
        question: str,
        version: int | None = None,
    ) -> Asked:
        """Ask somebody by name and mail address; what is new or open waits for a colleague from now on.

        Raises:
            BadInput, NotFound, ClaimedByOther, Changed: see `inbox.errors`.
        """
        user = self._entrance.agent(token)
        return asking.ask(self._desk, user, conversation_id, name=name, email=email, question=question, version=version)

    def questions(self, token: str, conversation_id: int) -> tuple[QuestionView, ...]:
        """All questions about a conversation, oldest first."""
        self._entrance.reader(token, Permission.NOTE)
        return asking.questions(self._desk, conversation_id)

    def take_back(self, token: str, question_id: int) -> Done:
        """Take a question back; its link stops working. Raises: NotFound."""
        return asking.take_back(self._desk, self._entrance.agent(token), question_id)

    def link(self, asked: Asked) -> str:
        """The address of a question's page, to give by hand where no mail goes out."""
        return address(self._desk, f"/ask/{asked.token}")

    # With the link alone

    def page(self, link_token: str, *, from_address: str) -> QuestionPage:
        """What the page behind a link shows. Raises: NotFound, TooManyAttempts."""
        return answering.open_page(self._desk, link_token, from_address=from_address)

    def answer(self, link_token: str, text: str, *, from_address: str) -> Done:
        """Answer, once. Raises: NotFound, BadInput, TooManyAttempts."""
        return answering.answer(self._desk, link_token, text, from_address=from_address)
