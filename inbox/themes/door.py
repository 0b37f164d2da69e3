"""The door to themes: checks who is there, and delegates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.themes import discovering, keeping, linking, merging, reading, suggesting, trying
from inbox.themes.linking import Suggested
from inbox.themes.views import (
    BackTest,
    Comparison,
    Draft,
    Found,
    Lesson,
    Merging,
    ThemeRef,
    ThemeRow,
    ThemesOf,
    ThemeView,
)
from inbox.views import Done

_Made = TypeVar("_Made")


class ThemesDoor:
    """Themes as screens see them. Who is signed in may read; who works links and makes; changing is for leads."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    # Of a conversation

    def of(self, token: str, conversation_id: int) -> ThemesOf:
        """What a conversation raises, and at most two suggestions."""
        self._entrance.user(token)
        with self._desk.store.read() as conn:
            return suggesting.themes_of(conn, conversation_id)

    def link(self, token: str, conversation_id: int, theme_id: int, *, suggested: Suggested | None = None) -> Done:
        """Link a conversation to a theme; with `suggested` by accepting a chip. Raises: NotFound, BadInput."""
        user = self._entrance.agent(token)
        return self._write(
            lambda conn: linking.link_in(self._desk, conn, user, conversation_id, theme_id, suggested=suggested)
        )

    def accept(self, token: str, conversation_id: int, place: int) -> Done | None:
        """Accept the suggestion in a place (1, 2); None when there is none. Raises: NotFound, BadInput."""
        user = self._entrance.agent(token)
        return self._write(lambda conn: suggesting.accept_in(self._desk, conn, user, conversation_id, place))

    def unlink(self, token: str, conversation_id: int, theme_id: int) -> Done:
        """Take a link off; the theme's query does not bring it back. Raises: NotFound."""
        user = self._entrance.agent(token)
        return self._write(lambda conn: linking.unlink_in(self._desk, conn, user, conversation_id, theme_id))

    def decline(self, token: str, conversation_id: int, theme_id: int, *, suggested: Suggested) -> Done:
        """Say no to a chip; it is not suggested here again. Raises: NotFound, BadInput."""
        user = self._entrance.agent(token)
        return self._write(
            lambda conn: linking.decline_in(self._desk, conn, user, conversation_id, theme_id, suggested=suggested)
        )

    # Of themes

    def names(self, token: str) -> tuple[ThemeRef, ...]:
        """Themes in use, by name."""
        self._entrance.user(token)
        return reading.names(self._desk)

    def listing(
        self, token: str, *, brand_id: str | None = None, source_id: str | None = None, archived: bool = False
    ) -> tuple[ThemeRow, ...]:
        """Themes with their counts, rising ones first."""
        self._entrance.user(token)
        return reading.listing(self._desk, brand_id=brand_id, source_id=source_id, archived=archived)

    def opened(
        self, token: str, theme_id: int, *, brand_id: str | None = None, source_id: str | None = None
    ) -> ThemeView:
        """One theme with its trend and examples. Raises: NotFound."""
        self._entrance.user(token)
        return reading.opened(self._desk, theme_id, brand_id=brand_id, source_id=source_id)

    def lesson(self, token: str) -> Lesson | None:
        """What suggestions were learned from last, and how often they were right."""
        self._entrance.user(token)
        return reading.lesson(self._desk)

    def make(self, token: str, draft: Draft) -> int:
        """Make a theme; gives its id. Raises: BadInput, BadSearch, NotFound."""
        return keeping.make(self._desk, self._entrance.agent(token), draft)

    def change(self, token: str, theme_id: int, draft: Draft, *, version: int) -> None:
        """Change a theme. Raises: BadInput, BadSearch, NotFound."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        keeping.change(self._desk, user, theme_id, draft, version=version)

    def archive(self, token: str, theme_id: int, *, archived: bool = True) -> None:
        """Take a theme out of use, or use it again. Raises: BadInput, NotFound."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        keeping.archive(self._desk, user, theme_id, archived=archived)

    def apply(self, token: str, theme_id: int, *, days: int) -> None:
        """Hold the query against conversations of the last days, in the background. Raises: BadInput, NotFound."""
        keeping.apply(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), theme_id, days=days)

    def merge(self, token: str, theme_id: int, into: int) -> Merging:
        """Merge a theme into another; then `go_on` until `done`. Raises: BadInput, NotFound."""
        return merging.merge(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), theme_id, into)

    def go_on(self, token: str, so_far: Merging) -> Merging:
        """The next stretch of a merge that is not `done`."""
        self._entrance.require(token, Permission.MANAGE_WORK)
        return merging.go_on(self._desk.store, so_far)

    def back_test(self, token: str, query: str) -> BackTest:
        """What a query would have found in the last thirty days. Raises: BadSearch, BadInput."""
        self._entrance.user(token)
        return trying.back_test(self._desk, query)

    def discover(self, token: str, wanted: Comparison) -> Found:
        """Phrases that stand out in one pile of messages against another. Raises: BadInput."""
        self._entrance.user(token)
        return discovering.discover(self._desk, wanted)

    def _write(self, work: Callable[[Connection], _Made]) -> _Made:
        """In a transaction of its own, and anew where it collided with collecting, which joins conversations."""
        return self._desk.store.write_again(work)
