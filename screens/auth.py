"""Signing in and out: /login, /logout, /welcome/<token> and /forgotten, plain HTML forms that work without JavaScript.

What decides stands in `inbox`: passwords, one-time links, slowing down of guesses. These routes only carry forms and
cookies. A one-time link is *not* used up by opening it (programs that preview links do that), only by the form. The
second step of signing in stands in `second_step`, single sign-on in `single_sign_on`.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from inbox.access.views import HalfWay
from inbox.errors import InboxError
from inbox.people_views import LinkView, SignedIn
from inbox.service import Inbox
from screens import gate, plain_page, reach, words
from screens.i18n import Language, _, speaking
from screens.plain_page import LONGEST, browser_of, button, field, fields_of, foreign, language_of, page, paragraph, way
from screens.state import InboxFactory, utc_now

_STATIC = Path(__file__).parent / "static"


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The routes, for the server to mount before Streamlit's own."""
    pages = SignInPages(inbox)
    return (
        Route("/login", pages.login, methods=["GET", "POST"]),
        Route("/logout", pages.logout, methods=["GET", "POST"]),
        Route("/welcome/{token}", pages.welcome, methods=["GET", "POST"]),
        Route("/forgotten", pages.forgotten, methods=["GET", "POST"]),
        Route("/sign-in/style.css", pages.style, methods=["GET"]),
        Route("/sign-in/mark.svg", pages.mark, methods=["GET"]),
    )


class SignInPages:
    """The pages and their style sheet."""

    def __init__(self, inbox: InboxFactory) -> None:
        self.inbox = inbox

    async def style(self, _request: Request) -> Response:
        """The style sheet."""
        return FileResponse(_STATIC / "sign_in.css", media_type="text/css", headers={"cache-control": "max-age=3600"})

    async def mark(self, _request: Request) -> Response:
        """Our mark, also the icon in the browser's tab."""
        return FileResponse(_STATIC / "klankbord.svg", headers={"cache-control": "max-age=86400"})

    async def login(self, request: Request) -> Response:
        """Ask for name and password, or take them."""
        with speaking(language_of(request)) as language:
            target = gate.local_target(request.query_params.get("next", "/"))
            if request.method == "GET":
                known = request.cookies.get(gate.COOKIE, "")
                already = False
                if known:
                    already = await run_in_threadpool(signed_in, self.inbox(), known)
                if already:
                    return RedirectResponse(target, status_code=303)
                return page(request, language, _("Sign in"), self._login_form(target))
            if not gate.same_origin(request):
                return foreign(request, language, _way_to_login())
            form = await fields_of(request)
            login, password = form.get("login", "").strip(), form.get("password", "")
            wrong = self._login_form(target, login=login)
            if not login or not 0 < len(password) <= LONGEST or len(login) > LONGEST:
                return page(
                    request, language, _("Sign in"), wrong, problem=_("Fill in your name and password."), status=422
                )
            who = browser_of(request)
            return await self._start(
                request,
                language,
                target,
                wrong,
                lambda box: box.sign_in(login, password, address=who.address, agent=who.agent),
            )

    async def welcome(self, request: Request) -> Response:
        """A one-time link: set the password, and in."""
        with speaking(language_of(request)) as language:
            token = str(request.path_params["token"])
            link = await run_in_threadpool(self.inbox().look_at_link, token)
            if link is None:
                text = _("This link was used already or has expired. Ask an administrator for a new one.")
                title = _("This link no longer works")
                return page(request, language, title, _way_to_login(), problem=text, status=410)
            title = _("Welcome, {name}").format(name=link.name)
            if request.method == "GET":
                return page(request, language, title, _welcome_form(link))
            if not gate.same_origin(request):
                return foreign(request, language, _way_to_login())
            form = await fields_of(request)
            password, again = form.get("password", ""), form.get("again", "")
            if password != again or len(password) > LONGEST:
                text = _("The two passwords are not the same. Type them again.")
                return page(request, language, title, _welcome_form(link), problem=text, status=422)
            who = browser_of(request)
            return await self._start(
                request,
                language,
                "/",
                _welcome_form(link),
                lambda box: box.use_link(token, password, address=who.address, agent=who.agent),
                title=title,
            )

    async def forgotten(self, request: Request) -> Response:
        """Mail a one-time link to whoever forgot the password. The answer is the same for everybody."""
        with speaking(language_of(request)) as language:
            title = _("Forgotten your password?")
            if not self.inbox().mail.can_send:
                text = _("Ask an administrator for a new link; this installation sends no mail.")
                return page(request, language, title, paragraph(text) + _way_to_login())
            if request.method == "GET":
                return page(request, language, title, _forgotten_form())
            if not gate.same_origin(request):
                return foreign(request, language, _way_to_login())
            who = (await fields_of(request)).get("login", "").strip()[:LONGEST]
            try:
                await run_in_threadpool(
                    lambda: self.inbox().access.ask_link(who, from_address=browser_of(request).address)
                )
            except InboxError as problem:
                told = words.error(problem)
                return page(request, language, title, _forgotten_form(), problem=told, status=429)
            text = _("If we know this name or address, a mail with a link is on its way. It works for one day.")
            return page(request, language, _("Look in your mail"), paragraph(text) + _way_to_login())

    async def logout(self, request: Request) -> Response:
        """Ask to sign out (a mere link must not do it), or do it."""
        with speaking(language_of(request)) as language:
            if request.method == "GET":
                return page(request, language, _("Sign out"), _logout_form())
            if not gate.same_origin(request):
                return foreign(request, language, _way_to_login())
            token = request.cookies.get(gate.COOKIE)
            if token:
                await run_in_threadpool(self.inbox().sign_out, token)
            response = RedirectResponse("/login", status_code=303)
            gate.forget(response)
            return response

    async def _start(
        self,
        request: Request,
        language: Language,
        target: str,
        form: str,
        enter: Callable[[Inbox], SignedIn | HalfWay],
        *,
        title: str | None = None,
    ) -> Response:
        try:
            entered = await run_in_threadpool(enter, self.inbox())
        except InboxError as problem:
            status = 429 if problem.code == "too_many_attempts" else 422
            told = words.error(problem)
            return page(request, language, title or _("Sign in"), form, problem=told, status=status)
        if isinstance(entered, HalfWay):
            response = RedirectResponse(_with_target("/second-factor", target), status_code=303)
            gate.remember_half_way(response, entered.ticket, https=reach.is_https(request))
            return response
        return let_in(request, RedirectResponse(target, status_code=303), entered)

    def _login_form(self, target: str, login: str = "") -> str:
        focus = {"autofocus": "autofocus"}
        name = field("login", _("Name"), "text", autocomplete="username", autocapitalize="none", spellcheck="false",
                     maxlength="200", value=login, **({} if login else focus))  # fmt: skip
        password = field(
            "password", _("Password"), "password", autocomplete="current-password", **(focus if login else {})
        )
        box = self.inbox()
        other = box.single_sign_on.name
        provider = (
            ""
            if other is None
            else plain_page.apart(_("or"))
            + way(_with_target("/oidc/start", target), _("Sign in with {name}").format(name=other), "plain")
        )
        if box.mail.can_send:
            forgotten = f'<p class="soft"><a href="/forgotten">{html.escape(_("Forgotten your password?"))}</a></p>'
        else:
            forgotten = paragraph(_("Forgotten your password? Ask an administrator for a new link."), "soft")
        return (
            f'<form method="post" action="{html.escape(_with_target("/login", target))}">{name}{password}'
            f"{button(_('Sign in'))}</form>{provider}{forgotten}"
        )


def signed_in(box: Inbox, token: str) -> bool:
    """Whether a session stands."""
    try:
        box.current_user(token)
    except InboxError:
        return False
    return True


def let_in(request: Request, response: Response, session: SignedIn) -> Response:
    """Give the browser its session, and take away what it needed on the way to it."""
    https = reach.is_https(request)
    gate.remember(response, session.token, expires_at=session.expires_at, now=utc_now(), https=https)
    gate.forget_half_way(response)
    return response


def _with_target(path: str, target: str) -> str:
    return path if target == "/" else f"{path}?next={quote(target, safe='')}"


def _welcome_form(link: LinkView) -> str:
    lead = _("Choose a password of at least 12 characters. From now on you sign in with it and the name {login}.")
    again = field("again", _("The same password again"), "password", autocomplete="new-password", minlength="12")
    return (
        paragraph(lead.format(login=link.login))
        + '<form method="post"><input type="hidden" name="username" autocomplete="username" '
        f'value="{html.escape(link.login)}">'
        + field(
            "password", _("Password"), "password", autocomplete="new-password", minlength="12", autofocus="autofocus"
        )
        + f"{again}{button(_('Set password and start'))}</form>"
    )


def _forgotten_form() -> str:
    lead = _("Fill in the name you sign in with, or your mail address. You get a link to choose a new password.")
    name = field("login", _("Name or mail address"), "text", autocomplete="username", autocapitalize="none",
                 spellcheck="false", maxlength="200", autofocus="autofocus")  # fmt: skip
    return (
        f'{paragraph(lead)}<form method="post" action="/forgotten">{name}{button(_("Send me a link"))}</form>'
        f'<p class="soft"><a href="/login">{html.escape(_("Back to sign-in"))}</a></p>'
    )


def _logout_form() -> str:
    return (
        paragraph(_("You can sign in again at any time."))
        + f'<form method="post" action="/logout">{button(_("Sign out"))}</form>'
        + f'<p class="soft"><a href="/">{html.escape(_("Back to the inbox"))}</a></p>'
    )


def _way_to_login() -> str:
    return way("/login", _("Go to sign-in"))
