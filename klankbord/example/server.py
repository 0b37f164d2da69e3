"""What the example brand's sources look like from outside: three news feeds, a forum, and a page for every link.

Served on loopback only. The clock is handed in, so that the first start can live through ninety days in a minute
and later starts go on in real time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Any
from xml.sax.saxutils import escape as xml_escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from klankbord.example.answers import API_KEY, BRAND_HANDLE, Answers
from klankbord.example.forum import Forum
from klankbord.example.world import OUTLETS, Channel, Utterance, World

Clock = Callable[[], datetime]
_WINDOW = 25
_NO_KEY = {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"}
_NOT_FOUND = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}


def make_app(world: World, clock: Clock, answers: Answers | None = None) -> Starlette:
    """The example's server over a world, as it stands at the clock's instant, and what was answered on its forum."""
    forum = Forum(world, answers)
    return Starlette(routes=[Route("/healthz", _ready), *_page_routes(world, clock), *_forum_routes(forum, clock)])


def _page_routes(world: World, clock: Clock) -> list[Route]:
    """News feeds, and the page behind the link of a news item, post or review."""

    async def feed(request: Request) -> Response:
        outlet = request.path_params["outlet"]
        if outlet not in OUTLETS:
            return PlainTextResponse("no such feed", 404)
        told = [said for said in world.until(clock(), Channel.NEWS) if said.outlet == outlet]
        body = _rss(outlet, told[-_WINDOW:], str(request.base_url)).encode()
        etag = f'"{sha256(body).hexdigest()[:20]}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        return Response(body, media_type="application/rss+xml; charset=utf-8", headers={"etag": etag})

    async def said_page(request: Request) -> Response:
        number, now = request.path_params["number"], clock()
        found = next((said for said in world.utterances if said.number == number and said.at <= now), None)
        if found is None:
            return HTMLResponse(_page("Niet gevonden", "Dit bericht is er niet."), 404)
        said = found.version(now)
        body = f"<p><b>{escape(said.author.name)}</b></p><p>{escape(said.text)}</p>"
        return HTMLResponse(_page(escape(said.title or "Bericht"), body))

    return [Route("/news/{outlet}.xml", feed), Route("/said/{number:int}", said_page)]


def _forum_routes(forum: Forum, clock: Clock) -> list[Route]:
    """The forum: what the connector asks and writes, and the page behind the link of a post."""

    async def latest_posts(request: Request) -> Response:
        if request.method == "POST":
            return await _answer(forum, clock, request)
        return JSONResponse(forum.latest_posts(clock(), _number(request.query_params.get("before"))))

    async def latest_topics(request: Request) -> Response:
        return JSONResponse(forum.latest_topics(clock(), _number(request.query_params.get("page")) or 0))

    async def topic(request: Request) -> Response:
        return _or_404(forum.topic(clock(), request.path_params["topic"]))

    async def topic_posts(request: Request) -> Response:
        keys = {int(key) for key in request.query_params.getlist("post_ids[]") if key.isdigit()}
        return JSONResponse(forum.posts(clock(), request.path_params["topic"], keys))

    async def post(request: Request) -> Response:
        return _or_404(forum.post(clock(), request.path_params["post"]))

    async def topic_page(request: Request) -> Response:
        found = forum.topic(clock(), request.path_params["topic"])
        if found is None:
            return HTMLResponse(_page("Niet gevonden", "Dit onderwerp is er niet."), 404)
        parts = [f"<p><b>{escape(each['name'])}</b></p>{each['cooked']}<hr>" for each in found["post_stream"]["posts"]]
        return HTMLResponse(_page(escape(found["title"]), "".join(parts)))

    return [
        Route("/forum/posts.json", latest_posts, methods=["GET", "POST"]),
        Route("/forum/posts/{post:int}.json", post),
        Route("/forum/latest.json", latest_topics),
        Route("/forum/t/{topic:int}.json", topic),
        Route("/forum/t/{topic:int}/{near:int}.json", topic),
        Route("/forum/t/{topic:int}/posts.json", topic_posts),
        Route("/forum/t/{slug}/{topic:int}/{number:int}", topic_page),
    ]


async def _answer(forum: Forum, clock: Clock, request: Request) -> Response:
    """What the brand writes; only with the example's key, as a real forum would have it."""
    if (request.headers.get("api-key"), request.headers.get("api-username")) != (API_KEY, BRAND_HANDLE):
        return JSONResponse(_NO_KEY, 403)
    body = await request.json()
    topic, raw, answers = body.get("topic_id"), body.get("raw"), body.get("reply_to_post_number")
    if not isinstance(topic, int) or not isinstance(raw, str) or not raw.strip():
        return JSONResponse({"action": "create_post", "errors": ["Body can't be blank"]}, 422)
    return _or_404(forum.answer(clock(), topic, raw, answers if isinstance(answers, int) else None))


async def _ready(_: Request) -> Response:
    return PlainTextResponse("ok")


def _or_404(found: dict[str, Any] | None) -> Response:
    return JSONResponse(_NOT_FOUND, 404) if found is None else JSONResponse(found)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _rss(outlet: str, told: list[Utterance], base: str) -> str:
    items = "".join(
        f"<item><title>{xml_escape(said.title or '')}</title><link>{base}said/{said.number}</link>"
        f'<guid isPermaLink="false">{outlet}-{said.number}</guid><pubDate>{format_datetime(said.at)}</pubDate>'
        f"<dc:creator>{xml_escape(said.author.name)}</dc:creator>"
        f"<description>{xml_escape('<p>' + escape(said.text) + '</p>')}</description></item>"
        for said in reversed(told)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>{xml_escape(outlet.capitalize())} nieuws</title><link>{base}</link><description>Example</description>"
        f"<language>nl-NL</language>{items}</channel></rss>"
    )


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="nl"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>body{{font:16px/1.5 system-ui;max-width:40rem;margin:2rem auto;padding:0 1rem}}"
        "</style>"
        f"<p><small>Voorbeeldpagina van Klankbord: bedrijf en mensen zijn verzonnen.</small></p><h1>{title}</h1>{body}"
    )
