"""The way into the rights of whom we keep data of: what screens call. Checks session and role, and delegates."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

import orjson

from inbox.entrance import Entrance
from inbox.errors import NotFound
from inbox.permissions import Permission
from inbox.privacy import erasing
from inbox.privacy.dossier import gather
from inbox.privacy.erasing import Erased
from inbox.privacy.page import render
from inbox.privacy.views import Preview
from store.forgetting import Subject, find

Format = Literal["html", "json"]


class Privacy:
    """For administrators. Every method takes the session token and checks it and the role anew."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def preview(self, token: str, author_id: int) -> Preview:
        """What is kept of the person behind an account, counted: what erasing would take away.

        Raises:
            NotFound: there is no such account.
        """
        self._entrance.require(token, Permission.PRIVACY)
        subject = self._subject(author_id)
        return Preview(subject.accounts, erasing.held(self._desk, subject))

    def erase(self, token: str, author_id: int, *, objected: bool = False) -> Erased:
        """Erase the person behind an account everywhere; it cannot be taken back.

        Raises:
            NotFound: there is no such account.
        """
        user = self._entrance.require(token, Permission.PRIVACY)
        return erasing.erase(self._desk, self._subject(author_id), actor_id=user.id, objected=objected)

    def subject_access(self, token: str, author_id: int, *, form: Format = "html", language: str = "nl") -> bytes:
        """One file with everything that is kept of the person behind an account; leaves a line in the record.

        Args:
            token: of the session.
            author_id: an account of theirs.
            form: a page to read, or the same as JSON.
            language: nl or en.

        Raises:
            NotFound: there is no such account.
        """
        user = self._entrance.require(token, Permission.PRIVACY)
        dossier = gather(self._desk, self._subject(author_id))
        erasing.record_access(self._desk, actor_id=user.id)
        if form == "json":
            return orjson.dumps(dossier.as_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
        return render(dossier, language=language, zone=ZoneInfo(self._desk.settings.timezone)).encode()

    def _subject(self, author_id: int) -> Subject:
        with self._desk.store.read() as conn:
            found = find(conn, author_id=author_id)
        if found is None:
            raise NotFound(what="account", key=author_id)
        return found
