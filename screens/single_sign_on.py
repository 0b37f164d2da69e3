"""/oidc/start and /oidc/callback: to the identity provider and back. What decides stands in `inbox.oidc`.

The callback mints the same session as every other way in, in the same HttpOnly cookie, so that signing out and ending
sessions work as for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from inbox.errors import InboxError
from screens import gate, reach, words
from screens.auth import let_in
from screens.i18n import Language, _, speaking
from screens.plain_page import LONGEST, browser_of, language_of, page, way
from screens.state import InboxFactory


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The routes of single sign-on."""
    pages = SingleSignOn(inbox)
    return (
        Route("/oidc/start", pages.start, methods=["GET"]),
        Route("/oidc/callback", pages.callback, methods=["GET"]),
    )


class SingleSignOn:
    """Both routes."""

    def __init__(self, inbox: InboxFactory) -> None:
        self.inbox = inbox

    async def start(self, request: Request) -> Response:
        """Send the browser to the provider."""
        with speaking(language_of(request)) as language:
            target = gate.local_target(request.query_params.get("next", "/"))
            try:
                departure = await run_in_threadpool(self.inbox().single_sign_on.depart, target)
            except InboxError as problem:
                return _refused(request, language, problem)
            response = RedirectResponse(departure.url, status_code=303, headers={"cache-control": "no-store"})
            gate.remember_luggage(response, departure.luggage, https=reach.is_https(request))
            return response

    async def callback(self, request: Request) -> Response:
        """Take the browser back, and give it its session."""
        with speaking(language_of(request)) as language:
            asked = {name: request.query_params.get(name, "")[: 4 * LONGEST] for name in ("state", "code", "error")}
            luggage = request.cookies.get(gate.LUGGAGE, "")
            try:
                arrival = await run_in_threadpool(
                    lambda: self.inbox().single_sign_on.arrive(luggage, **asked, browser=browser_of(request))
                )
            except InboxError as problem:
                response = _refused(request, language, problem)
            else:
                onward = RedirectResponse(gate.local_target(arrival.target), status_code=303)
                response = let_in(request, onward, arrival.session)
            gate.forget_luggage(response)
            response.headers["cache-control"] = "no-store"
            return response


def _refused(request: Request, language: Language, problem: InboxError) -> Response:
    body = way("/login", _("Go to sign-in"))
    return page(request, language, _("Not signed in"), body, problem=words.error(problem), status=403)
