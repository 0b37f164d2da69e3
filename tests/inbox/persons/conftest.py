"""Accounts on platforms, and conversations that they wrote in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from store.schema import author, conversation, mention
from tests.inbox.conftest import World

_numbers = itertools.count(1)


@pytest.fixture
def account(world: World) -> Callable[..., int]:
    """Add an account; gives its author id."""

    def make(**values: Any) -> int:
        author_id = world.store.new_id()
        row = {"external_id": f"account{next(_numbers)}", "platform": "mastodon", "is_staff": False, "is_bot": False}
        with world.store.write() as conn:
            conn.execute(author.insert().values(id=author_id, **{**row, **values}))
        return author_id

    return make


@pytest.fixture
def wrote(world: World) -> Callable[..., int]:
    """Let an account write a conversation; gives its id."""

    def make(author_id: int, text: str = "Mijn pakket is kwijt", **values: Any) -> int:
        conversation_id = world.conversation(text, author_id=author_id, **values)
        with world.store.write() as conn:
            conn.execute(
                mention.update().where(mention.c.conversation_id == conversation_id).values(author_id=author_id)
            )
            conn.execute(conversation.update().where(conversation.c.id == conversation_id).values(author_id=author_id))
        return conversation_id

    return make
