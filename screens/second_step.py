"""/second-factor: the step after the password. Asks for a code, or sets one up where the role demands it.

Who comes here has a ticket in a cookie, not a session: the gate lets them see this page and nothing else.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from inbox.access.views import Enrolled, Enrolment, HalfWay
from inbox.errors import InboxError, NotSignedIn
from screens import gate, words
from screens.auth import let_in
from screens.i18n import Language, _, speaking
from screens.plain_page import LONGEST, browser_of, button, field, fields_of, foreign, language_of, page, paragraph, way
from screens.state import InboxFactory


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The route of this page."""
    return (Route("/second-factor", SecondStep(inbox).show, methods=["GET", "POST"]),)


class SecondStep:
    """The page."""

    def __init__(self, inbox: InboxFactory) -> None:
        self.inbox = inbox

    async def show(self, request: Request) -> Response:
        """Ask for the code, or take it."""
        with speaking(language_of(request)) as language:
            ticket = request.cookies.get(gate.HALF_WAY, "")
            half = await run_in_threadpool(self.inbox().access.half_way, ticket)
            if half is None:
                response: Response = RedirectResponse("/login", status_code=303)
                gate.forget_half_way(response)
                return response
            if request.method == "GET":
                return await self._ask(request, language, half)
            if not gate.same_origin(request):
                return foreign(request, language, way("/login", _("Go to sign-in")))
            code = (await fields_of(request)).get("code", "").strip()[:LONGEST]
            try:
                entered = await run_in_threadpool(
                    lambda: self.inbox().access.finish_sign_in(ticket, code, browser=browser_of(request))
                )
            except InboxError as problem:
                if isinstance(problem, NotSignedIn) and problem.code == "not_signed_in":
                    return RedirectResponse("/login", status_code=303)
                return await self._ask(request, language, half, problem=problem)
            return _entered(request, language, entered)

    async def _ask(
        self, request: Request, language: Language, half: HalfWay, problem: InboxError | None = None
    ) -> Response:
        body = _code_form()
        title = _("One more step")
        if half.must_enrol:
            title = _("Set up your second factor")
            body = _enrolment(await run_in_threadpool(self.inbox().access.half_way_enrolment, half.ticket))
        told = None if problem is None else words.error(problem)
        status = 200 if problem is None else 429 if problem.code == "too_many_attempts" else 422
        return page(request, language, title, body, problem=told, status=status)


def _entered(request: Request, language: Language, entered: Enrolled) -> Response:
    target = gate.local_target(request.query_params.get("next", "/"))
    if entered.session is None:
        return RedirectResponse("/login", status_code=303)
    if not entered.recovery_codes:
        return let_in(request, RedirectResponse(target, status_code=303), entered.session)
    codes = "".join(f"<li><code>{html.escape(one)}</code></li>" for one in entered.recovery_codes)
    lead = _("Your second factor is on. Keep these recovery codes where only you find them: each lets you in once "
             "without your phone. They are shown this one time.")  # fmt: skip
    body = f'{paragraph(lead)}<ul class="codes">{codes}</ul>' + way(target, _("I have kept them; go on"))
    return let_in(request, page(request, language, _("Your recovery codes"), body), entered.session)


def _code_form() -> str:
    lead = _("Type the six figures that your authenticator app shows now, or one of your recovery codes.")
    help_text = _("Lost your phone and your recovery codes? An administrator can reset your second factor.")
    return f"{paragraph(lead)}{_form(_('Go on'))}{paragraph(help_text, 'soft')}"


def _enrolment(enrolment: Enrolment) -> str:
    lead = _("Your role needs a second factor. Scan this with an authenticator app on your phone, then type the six "
             "figures it shows.")  # fmt: skip
    by_hand = _("Cannot scan? Type this over in the app:")
    drawing = enrolment.svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(_("QR code"))}" ', 1)
    return (
        f'{paragraph(lead)}<div class="qr">{drawing}</div>{paragraph(by_hand, "soft")}'
        f'<p class="secret"><code>{html.escape(enrolment.secret)}</code></p>{_form(_("Turn it on"))}'
    )


def _form(label: str) -> str:
    code = field("code", _("Code"), "text", autocomplete="one-time-code", autocapitalize="characters",
                 spellcheck="false", maxlength="40", autofocus="autofocus")  # fmt: skip
    return f'<form method="post">{code}{button(label)}</form>'
