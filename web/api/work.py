"""The routes that read conversations, what was done with them, brands, themes and sources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Security
from starlette.responses import Response

from inbox.desk import Desk
from inbox.programs import conversations, standing
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer
from web.api import answering, shapes
from web.api.cursors import decode
from web.api.describing import Number, answers
from web.api.gate import Gate
from web.api.params import EventsAsked, TalksAsked, Unfiltered


def routes(desk: Desk, gate: Gate) -> APIRouter:
    """The routes over a desk, behind a gate."""
    router = APIRouter()
    reader = Security(gate, scopes=[Scope.READ_MENTIONS])
    worker = Security(gate, scopes=[Scope.READ_WORK])

    @router.get("/conversations", tags=["work"], **answers(shapes.ConversationPage, 400))
    def list_conversations(
        request: Request, asked: Annotated[TalksAsked, Query()], bearer: Bearer = worker
    ) -> Response:
        """A page of conversations, newest first; with `q`, by their newest message that matches."""
        place = decode(asked.cursor, asked.question())
        found = conversations.page(desk, bearer, asked.filters(), place=place, limit=asked.limit)
        return answering.answer(request, answering.rows(found, asked.question()))

    @router.get("/conversations/{conversation_id}", tags=["work"], **answers(shapes.Conversation, 404))
    def one_conversation(request: Request, conversation_id: Number, _: Unfiltered, bearer: Bearer = worker) -> Response:
        """One conversation: its state and clocks."""
        return answering.answer(request, answering.dumped(conversations.one(desk, bearer, conversation_id)))

    @router.get("/events", tags=["work"], **answers(shapes.EventPage, 400))
    def list_events(request: Request, asked: Annotated[EventsAsked, Query()], bearer: Bearer = worker) -> Response:
        """What was done with conversations, newest first: who, when, and how long it took."""
        since, until = asked.stretch()
        found = conversations.events(
            desk,
            bearer,
            conversation_id=asked.conversation,
            actions=tuple(asked.action),
            since=since,
            until=until,
            place=decode(asked.cursor, asked.question()),
            limit=asked.limit,
        )
        return answering.answer(request, answering.rows(found, asked.question()))

    @router.get("/brands", tags=["workspace"], **answers(shapes.BrandList))
    def list_brands(request: Request, _: Unfiltered, bearer: Bearer = reader) -> Response:
        """The brands that are listened for."""
        return answering.answer(request, answering.listed(standing.brand_list(desk, bearer)))

    @router.get("/themes", tags=["workspace"], **answers(shapes.ThemeList))
    def list_themes(request: Request, _: Unfiltered, __: Bearer = reader) -> Response:
        """The themes that conversations raise."""
        return answering.answer(request, answering.listed(standing.theme_list(desk)))

    @router.get("/sources", tags=["workspace"], **answers(shapes.SourceList))
    def list_sources(request: Request, _: Unfiltered, bearer: Bearer = reader) -> Response:
        """The sources with their health, and the gaps of the last week."""
        return answering.answer(request, answering.listed(standing.source_list(desk, bearer)))

    return router
