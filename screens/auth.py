"""Signing in and out: /login, /logout and /welcome/<token>, plain HTML forms that work without JavaScript.

What decides stands in `inbox`: passwords, one-time links, slowing down of guesses. These routes only carry forms and
the cookie. A one-time link is *not* used up by opening it (programs that preview links do that), only by the form.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from inbox.errors import InboxError
from inbox.service import Inbox
from inbox.views import LinkView, SignedIn
from screens import gate, words
from screens.i18n import LANGUAGES, Language, _, from_accept_language, speaking
from screens.security import FORM_POLICY
from screens.state import InboxFactory, utc_now

_STATIC = Path(__file__).parent / "static"
_LANGUAGE_COOKIE = "klankbord_language"
# Longer than any password manager makes, short enough that hashing it costs nothing.
_LONGEST = 1_024


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The routes, for the server to mount before Streamlit's own."""
    pages = SignInPages(inbox)
    return (
        Route("/login", pages.login, methods=["GET", "POST"]),
        Route("/logout", pages.logout, methods=["GET", "POST"]),
        Route("/welcome/{token}", pages.welcome, methods=["GET", "POST"]),
        Route("/sign-in/style.css", pages.style, methods=["GET"]),
        Route("/sign-in/mark.svg", pages.mark, methods=["GET"]),
    )


class SignInPages:
    """The three pages and their style sheet."""

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
        with speaking(_language(request)) as language:
            target = gate.local_target(request.query_params.get("next", "/"))
            if request.method == "GET":
                known = request.cookies.get(gate.COOKIE, "")
                already = False
                if known:
                    already = await run_in_threadpool(signed_in, self.inbox(), known)
                if already:
                    return RedirectResponse(target, status_code=303)
                return _page(request, language, _("Sign in"), _login_form(target))
            if not gate.same_origin(request):
                return _foreign(request, language)
            form = await request.form(max_files=0, max_fields=5)
            login, password = str(form.get("login", "")).strip(), str(form.get("password", ""))
            wrong = _login_form(target, login=login)
            if not login or not 0 < len(password) <= _LONGEST or len(login) > _LONGEST:
                return _page(
                    request, language, _("Sign in"), wrong, problem=_("Fill in your name and password."), status=422
                )
            return await self._start(
                request, language, target, wrong, lambda box: box.sign_in(login, password, address=_address(request))
            )

    async def welcome(self, request: Request) -> Response:
        """A one-time link: set the password, and in."""
        with speaking(_language(request)) as language:
            token = str(request.path_params["token"])
            link = await run_in_threadpool(self.inbox().look_at_link, token)
            if link is None:
                text = _("This link was used already or has expired. Ask an administrator for a new one.")
                return _page(
                    request, language, _("This link no longer works"), _way_to_login(), problem=text, status=410
                )
            title = _("Welcome, {name}").format(name=link.name)
            if request.method == "GET":
                return _page(request, language, title, _welcome_form(link))
            if not gate.same_origin(request):
                return _foreign(request, language)
            form = await request.form(max_files=0, max_fields=5)
            password, again = str(form.get("password", "")), str(form.get("again", ""))
            if password != again or len(password) > _LONGEST:
                text = _("The two passwords are not the same. Type them again.")
                return _page(request, language, title, _welcome_form(link), problem=text, status=422)
            return await self._start(
                request,
                language,
                "/",
                _welcome_form(link),
                lambda box: box.use_link(token, password, address=_address(request)),
                title=title,
            )

    async def logout(self, request: Request) -> Response:
        """Ask to sign out (a mere link must not do it), or do it."""
        with speaking(_language(request)) as language:
            if request.method == "GET":
                return _page(request, language, _("Sign out"), _logout_form())
            if not gate.same_origin(request):
                return _foreign(request, language)
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
        enter: Callable[[Inbox], SignedIn],
        *,
        title: str | None = None,
    ) -> Response:
        try:
            session = await run_in_threadpool(enter, self.inbox())
        except InboxError as problem:
            status = 429 if problem.code == "too_many_attempts" else 422
            told = words.error(problem)
            if problem.code == "bad_input" and title is not None:
                told = _("Choose a longer or less common password: at least 12 characters.")
            return _page(request, language, title or _("Sign in"), form, problem=told, status=status)
        response = RedirectResponse(target, status_code=303)
        https = request.url.scheme == "https"
        gate.remember(response, session.token, expires_at=session.expires_at, now=utc_now(), https=https)
        return response


def signed_in(box: Inbox, token: str) -> bool:
    """Whether a session stands."""
    try:
        box.current_user(token)
    except InboxError:
        return False
    return True


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _language(request: Request) -> str:
    asked = request.query_params.get("lang") or request.cookies.get(_LANGUAGE_COOKIE)
    return (
        asked
        if asked is not None and asked in LANGUAGES
        else from_accept_language(request.headers.get("accept-language", ""))
    )


def _field(name: str, label: str, kind: str, **attributes: str) -> str:
    more = "".join(f' {key.replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items())
    return (
        f'<label for="{name}">{html.escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" required{more}>'
    )


def _login_form(target: str, login: str = "") -> str:
    action = "/login" if target == "/" else f"/login?next={quote(target, safe='')}"
    focus = {"autofocus": "autofocus"}
    name = _field("login", _("Name"), "text", autocomplete="username", autocapitalize="none", spellcheck="false",
                  maxlength="200", value=login, **({} if login else focus))  # fmt: skip
    password = _field(
        "password", _("Password"), "password", autocomplete="current-password", **(focus if login else {})
    )
    help_text = _("Forgotten your password? Ask an administrator for a new link.")
    return (
        f'<form method="post" action="{html.escape(action)}">{name}{password}'
        f'<button>{html.escape(_("Sign in"))}</button></form><p class="soft">{html.escape(help_text)}</p>'
    )


def _welcome_form(link: LinkView) -> str:
    lead = _("Choose a password of at least 12 characters. From now on you sign in with it and the name {login}.")
    again = _field("again", _("The same password again"), "password", autocomplete="new-password", minlength="12")
    return (
        f"<p>{html.escape(lead.format(login=link.login))}</p>"
        '<form method="post"><input type="hidden" name="username" autocomplete="username" '
        f'value="{html.escape(link.login)}">'
        + _field(
            "password", _("Password"), "password", autocomplete="new-password", minlength="12", autofocus="autofocus"
        )
        + f"{again}<button>{html.escape(_('Set password and start'))}</button></form>"
    )


def _logout_form() -> str:
    return (
        f"<p>{html.escape(_('You can sign in again at any time.'))}</p>"
        f'<form method="post" action="/logout"><button>{html.escape(_("Sign out"))}</button></form>'
        f'<p class="soft"><a href="/">{html.escape(_("Back to the inbox"))}</a></p>'
    )


def _way_to_login() -> str:
    return f'<p><a class="button" href="/login">{html.escape(_("Go to sign-in"))}</a></p>'


def _foreign(request: Request, language: Language) -> Response:
    text = _("This form came from another site, so it was not used. Fill it in here.")
    return _page(request, language, _("Not accepted"), _way_to_login(), problem=text, status=403)


def _page(
    request: Request, language: Language, title: str, body: str, *, problem: str | None = None, status: int = 200
) -> Response:
    """The whole page. `body` is our own HTML with escaped values; `title` and `problem` are plain text."""
    alert = f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else ""
    others = " ".join(
        f'<a href="{html.escape(str(request.url.include_query_params(lang=code).replace(scheme="", netloc="")))}"'
        f' lang="{code}" hreflang="{code}">{name}</a>'
        if code != language.code
        else f'<span aria-current="true">{name}</span>'
        for code, name in LANGUAGES.items()
    )
    pitch = _("What people say about you, in one inbox. Nothing lost, nobody answered twice.")
    page = (
        f'<!doctype html><html lang="{language.code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(title)} · Klankbord</title>"
        '<link rel="icon" href="/sign-in/mark.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/sign-in/style.css">'
        '</head><body><main><div class="brand"><img src="/sign-in/mark.svg" alt="" width="44" height="44">'
        f'<span>Klankbord</span></div><p class="pitch">{html.escape(pitch)}</p>'
        f'<div class="card"><h1>{html.escape(title)}</h1>{alert}{body}</div>'
        f'<nav aria-label="{html.escape(_("Language"))}">{others}</nav></main></body></html>'
    )
    response = HTMLResponse(page, status_code=status)
    response.headers["content-security-policy"] = FORM_POLICY
    response.headers["cache-control"] = "no-store"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(_LANGUAGE_COOKIE, language.code, max_age=31_536_000, httponly=True, samesite="lax")
    return response
