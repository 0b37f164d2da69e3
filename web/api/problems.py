"""Errors as problem details (RFC 9457): a status, what is wrong, and what to do about it, in a sentence."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from inbox.errors import BadInput, BadSearch, InboxError, NotFound, StoreBusy
from inbox.programs.mentions import Ended
from store.errors import StoreError
from web.api.cursors import BadCursor

_log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_BUSY = "The database did not answer in time. Try again in a few seconds; nothing was changed."
_FAULT = "Something went wrong here. Try again; if it stays so, the log of the web process says what it was."
NOTHING = "There is nothing at this address. /api/v1/docs lists what there is."
_SAID: Mapping[int, str] = {
    404: NOTHING,
    405: "This address does not take that method. /api/v1/docs lists what it takes.",
}


class FieldProblem(BaseModel):
    """What is wrong with one value. `at` is where it stands: `query.limit`, `mentions.3.text`."""

    at: str
    detail: str


class Problem(BaseModel):
    """What went wrong with a call (RFC 9457)."""

    type: str = Field(default="about:blank", description="about:blank: `title` says it all.")
    title: str
    status: int
    detail: str = Field(description="What is wrong and what to do, for people.")
    problems: list[FieldProblem] = Field(default_factory=list, description="What is wrong with which value.")


class Refused(Exception):  # noqa: N818 - what happened, told by a status
    """A call that is not answered as asked. `headers` go along."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        problems: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.problems = tuple(problems)
        self.headers = dict(headers or {})


def problem(refused: Refused) -> Response:
    """The answer to a call that is refused."""
    told = Problem(
        title=HTTPStatus(refused.status).phrase,
        status=refused.status,
        detail=refused.detail,
        problems=list(refused.problems),
    )
    body = orjson.dumps(told.model_dump())
    return Response(body, refused.status, headers=refused.headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error in this form; what is inside stays inside."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(BadCursor, _bad_cursor)
    app.add_exception_handler(InboxError, _inbox)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(Exception, _fault)


def field_problems(errors: Sequence[Any]) -> list[FieldProblem]:
    """What a check of values found, without the values themselves."""
    return [
        FieldProblem(at=".".join(str(part) for part in one["loc"]), detail=_sentence(str(one["msg"]))) for one in errors
    ]


def _sentence(text: str) -> str:
    text = text.removeprefix("Value error, ")
    return text[:1].upper() + text[1:].rstrip(".") + "."


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - by its registration
    return problem(error)


async def _unfit(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - by its registration
    found = field_problems(error.errors())
    return problem(Refused(422, "Some values cannot be used; `problems` says which and why.", problems=found))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - by its registration
    said = _SAID.get(error.status_code, HTTPStatus(error.status_code).phrase + ".")
    return problem(Refused(error.status_code, said, headers=error.headers))


async def _bad_cursor(_: Request, __: Exception) -> Response:
    said = (
        "This cursor is damaged, or belongs to another question. Hand it back as it came, with the same filters, "
        "or leave it out to begin at the first page."
    )
    return problem(Refused(400, said))


async def _inbox(_: Request, error: Exception) -> Response:
    if isinstance(error, StoreBusy):
        return problem(Refused(503, _BUSY, headers={"Retry-After": "5"}))
    if isinstance(error, NotFound):
        return problem(Refused(404, str(error)))
    if isinstance(error, BadSearch):
        where = FieldProblem(at="query.q", detail=f"At character {error.position + 1}.")
        return problem(Refused(400, f"The search cannot be read. {error}", problems=[where]))
    if isinstance(error, BadInput):
        return problem(Refused(400, str(error)))
    return problem(Refused(403, str(error)))


async def _store(_: Request, error: Exception) -> Response:
    _log.error("the store failed under the API: %s", error)
    return problem(Refused(503, _BUSY, headers={"Retry-After": "5"}))


async def _fault(_: Request, error: Exception) -> Response:
    if not isinstance(error, Ended):  # the answer is cut off, and whose token it was knows why
        _log.exception("a fault of our own in the API", exc_info=error)
    return problem(Refused(500, _FAULT))
