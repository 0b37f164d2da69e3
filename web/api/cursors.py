"""Cursors: where the next page of a list begins, as a word that a program hands back unread. Pure.

A cursor grants nothing: the token decides with every call what may be seen. It belongs to the question it came with, so
that pages of two questions are never put together by mistake.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

import orjson

from inbox.programs.views import Place

_LONGEST = 200
_HIGHEST = 1 << 53


class BadCursor(Exception):  # noqa: N818 - what happened
    """No cursor of ours, or one of another question."""


def encode(place: Place, question: str) -> str:
    """The cursor of a place in the answer to a question."""
    fields = [_mark(question), place.before, place.up_to]
    return base64.urlsafe_b64encode(orjson.dumps(fields)).rstrip(b"=").decode()


def decode(cursor: str | None, question: str) -> Place | None:
    """Read a cursor back; None where there is none: the list begins at its first page.

    Raises:
        BadCursor: it is damaged, or belongs to another question.
    """
    if cursor is None:
        return None
    if len(cursor) > _LONGEST:
        raise BadCursor
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        fields = orjson.loads(raw)
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    match fields:
        case [str(mark), int(before), int(up_to)] if mark == _mark(question) and all(
            type(number) is int and 0 <= number <= _HIGHEST for number in (before, up_to)
        ):
            return Place(before, up_to)
    raise BadCursor


def _mark(question: str) -> str:
    return hashlib.blake2b(question.encode(), digest_size=6).hexdigest()
