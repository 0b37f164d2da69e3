"""The routes that read messages: pages, one, those of a conversation, and all of them as lines of JSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Security
from starlette.responses import Response, StreamingResponse

from inbox.desk import Desk
from inbox.programs import mentions
from inbox.programs.mentions import Asked, Lines
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer
from web.api import answering, shapes
from web.api.cursors import decode
from web.api.describing import Number, answers, problems
from web.api.gate import Gate
from web.api.params import LinesAsked, MentionAsked, MentionFilter, MentionsAsked, MessagesAsked
from web.api.problems import Refused

NDJSON = "application/x-ndjson"
MOST_STREAMS = 4


def routes(desk: Desk, gate: Gate) -> APIRouter:
    """The routes over a desk, behind a gate."""
    router = APIRouter()
    reader = Security(gate, scopes=[Scope.READ_MENTIONS])
    under_way = [0]

    @router.get("/mentions", tags=["messages"], **answers(shapes.MentionPage, 400))
    def list_mentions(request: Request, asked: Annotated[MentionsAsked, Query()], bearer: Bearer = reader) -> Response:
        """A page of messages, newest first by when they came in. What arrives meanwhile never moves a later page."""
        if asked.external_id is not None:
            found = mentions.called(desk, bearer, asked.external_id, source_ids=tuple(asked.source), mask=asked.mask)
        else:
            place = decode(asked.cursor, asked.question())
            found = mentions.page(desk, bearer, _asked(asked), place=place, limit=asked.limit)
        return answering.answer(request, answering.mentions(found, asked.question()))

    @router.get("/mentions.jsonl", tags=["messages"], **_lines())
    def stream_mentions(request: Request, asked: Annotated[LinesAsked, Query()], bearer: Bearer = reader) -> Response:
        """All messages of the filters, one JSON object a line, in the order in which they came in; no cap.

        The header `Klankbord-Up-To` is the `after` with which the next call goes on without a hole; it lies ten seconds
        back, so that nothing that is being stored is passed over.
        """
        if under_way[0] >= MOST_STREAMS:
            said = f"So many such streams ({MOST_STREAMS}) are under way already. Try again when one has ended."
            raise Refused(503, said, headers={"Retry-After": "60"})
        lines = mentions.lines(
            desk, bearer, _asked(asked), after=asked.after, still_good=lambda: gate.still_good(request)
        )
        return StreamingResponse(_flowing(lines.pieces, under_way), media_type=NDJSON, headers=_told(lines))

    @router.get("/mentions/{mention_id}", tags=["messages"], **answers(shapes.Mention, 404))
    def one_mention(
        request: Request, mention_id: Number, asked: Annotated[MentionAsked, Query()], bearer: Bearer = reader
    ) -> Response:
        """One message."""
        row = mentions.one(desk, bearer, mention_id, mask=asked.mask)
        return answering.answer(request, mentions.written(row))

    @router.get("/conversations/{conversation_id}/mentions", tags=["messages"], **answers(shapes.MentionPage, 400, 404))
    def messages_of(
        request: Request,
        conversation_id: Number,
        asked: Annotated[MessagesAsked, Query()],
        bearer: Bearer = reader,
    ) -> Response:
        """What was said in a conversation, newest first; ours too."""
        question = f"messages of {conversation_id}"
        place = decode(asked.cursor, question)
        found = mentions.of_conversation(desk, bearer, conversation_id, place=place, limit=asked.limit, mask=asked.mask)
        return answering.answer(request, answering.mentions(found, question))

    return router


def _lines() -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Mention"}}
    headers = {
        "Klankbord-Up-To": {"description": "The `after` to go on with.", "schema": {"type": "string"}},
        "Klankbord-Withheld": {
            "description": "Messages that platforms do not let out, by source: `linkedin=12`.",
            "schema": {"type": "string"},
        },
    }
    told = {"description": "Lines, each a message.", "headers": headers, "content": {NDJSON: schema}}
    return {"responses": {200: told, **problems(400)}, "response_model": None, "response_class": Response}


def _asked(asked: MentionFilter) -> Asked:
    return Asked(asked.filters(), tuple(one.value for one in asked.direction), asked.mask)


def _told(lines: Lines) -> dict[str, str]:
    headers = {"Klankbord-Up-To": str(lines.up_to)}
    if lines.withheld:
        headers["Klankbord-Withheld"] = answering.held(lines.withheld)
    return headers


async def _flowing(pieces: Iterator[bytes], under_way: list[int]) -> AsyncIterator[bytes]:
    """Pieces as they are made, each in a thread; whoever goes away ends it at once."""
    under_way[0] += 1
    try:
        while (piece := await asyncio.to_thread(next, pieces, b"")) != b"":
            yield piece
    finally:
        under_way[0] -= 1
        close = getattr(pieces, "close", None)
        if close is not None:
            await asyncio.to_thread(close)
