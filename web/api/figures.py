"""The routes that read service figures and volumes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Security
from starlette.responses import Response

from inbox.desk import Desk
from inbox.kpis.views import Asked
from inbox.programs import figures, trends
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer
from inbox.trends.views import By
from web.api import answering, shapes
from web.api.cursors import decode
from web.api.describing import answers
from web.api.gate import Gate
from web.api.params import FiguresAsked, Largest, RowsAsked, SaidAsked, SplitAsked, TopAsked, VolumesAsked

_Kpi = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,60}$", description="Its id, as `/kpis` tells it.")]

_What = Annotated[Largest, Path(description="Of what.")]


def routes(desk: Desk, gate: Gate) -> APIRouter:
    """The routes over a desk, behind a gate."""
    router = APIRouter()
    reader = Security(gate, scopes=[Scope.READ_FIGURES])
    insider = Security(gate, scopes=[Scope.READ_FIGURES, Scope.READ_MENTIONS, Scope.READ_PRIVATE])

    @router.get("/kpis", tags=["figures"], **answers(shapes.KpiList, 400))
    def list_kpis(request: Request, asked: Annotated[FiguresAsked, Query()], bearer: Bearer = reader) -> Response:
        """The service figures of a period: what each rests on, and what is left out, beside its value."""
        return answering.answer(request, answering.listed(figures.values(desk, bearer, _period(asked))))

    @router.get("/kpis/survival", tags=["figures"], **answers(shapes.Survival, 400))
    def survival(request: Request, asked: Annotated[FiguresAsked, Query()], bearer: Bearer = reader) -> Response:
        """The share that had its first answer within so many seconds; what waits counts for as long as it did."""
        return answering.answer(request, answering.dumped(figures.survival(desk, bearer, _period(asked))))

    @router.get("/kpis/{kpi}/split", tags=["figures"], **answers(shapes.KpiSplit, 400))
    def split_kpi(
        request: Request, kpi: _Kpi, asked: Annotated[SplitAsked, Query()], bearer: Bearer = reader
    ) -> Response:
        """One figure by team, source, or time of the workspace's zone."""
        found = figures.split(desk, bearer, kpi, _period(asked), asked.by.value)
        return answering.answer(request, answering.listed(found))

    @router.get("/kpis/{kpi}/rows", tags=["figures"], **answers(shapes.KpiRowPage, 400))
    def list_kpi_rows(
        request: Request, kpi: _Kpi, asked: Annotated[RowsAsked, Query()], bearer: Bearer = reader
    ) -> Response:
        """A page of the conversations behind one figure, or behind a part of it, newest first."""
        question = f"{kpi} {asked.question()}"
        place = decode(asked.cursor, question)
        found = figures.rows(
            desk,
            bearer,
            kpi,
            _period(asked),
            asked.part.value,
            only=asked.only(),
            place=place,
            limit=asked.limit,
        )
        return answering.answer(request, answering.rows(found, question))

    @router.get("/volumes", tags=["figures"], **answers(shapes.Volumes, 400, 404))
    def list_volumes(request: Request, asked: Annotated[VolumesAsked, Query()], bearer: Bearer = reader) -> Response:
        """How much was said by hour, day or week: every step of every key, zeros too."""
        wanted = replace(asked.slice(), theme_ids=tuple(asked.theme))
        by: By | None = None if asked.by is None else asked.by.value
        found = figures.volumes(desk, bearer, wanted, step=asked.step.value, by=by)
        return answering.answer(request, answering.dumped(found))

    @router.get("/heat-map", tags=["figures"], **answers(shapes.HeatMap, 400, 404))
    def heat_map(request: Request, asked: Annotated[SaidAsked, Query()], bearer: Bearer = reader) -> Response:
        """How much was said in each hour of the week, and how often that hour occurred: 168 cells, Monday first."""
        return answering.answer(request, answering.dumped(trends.heat_map(desk, bearer, asked.slice())))

    @router.get("/share-of-voice", tags=["figures"], **answers(shapes.ShareOfVoice, 400, 404))
    def share_of_voice(request: Request, asked: Annotated[SaidAsked, Query()], bearer: Bearer = reader) -> Response:
        """Brands against each other and against the period of equal length before, the largest first."""
        return answering.answer(request, answering.dumped(trends.share_of_voice(desk, bearer, asked.slice())))

    @router.get("/tops/{what}", tags=["figures"], **answers(shapes.Tops, 400, 404))
    def list_tops(
        request: Request, what: _What, asked: Annotated[TopAsked, Query()], bearer: Bearer = insider
    ) -> Response:
        """The largest authors, sites, words or links against the period before; private messages count among them."""
        found = trends.top(desk, bearer, asked.slice(), what=what.value, limit=asked.limit)
        return answering.answer(request, answering.dumped(found))

    return router


def _period(asked: FiguresAsked) -> Asked:
    since, until = asked.period()
    return Asked(since, until, tuple(asked.team), tuple(asked.source), tuple(asked.brand))
