"""Plain HTML pages that need neither a session nor JavaScript: signing in, one-time links, a specialist's answer.

Every value is escaped here; nothing comes from elsewhere, and the strictest policy of `security` goes along.
"""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from inbox.sessions import Browser
from screens.i18n import LANGUAGES, Language, _, from_accept_language
from screens.security import FORM_POLICY

LONGEST = 1_024
"""Characters of a field: longer than any password manager makes, short enough that hashing it costs nothing."""
_LANGUAGE_COOKIE = "klankbord_language"


def browser_of(request: Request) -> Browser:
    """Where a request comes from, and what its browser calls itself."""
    address = request.client.host if request.client else "unknown"
    return Browser(address=address, agent=request.headers.get("user-agent", ""))


def language_of(request: Request) -> str:
    """The language to speak: as asked for, else as chosen before, else the browser's."""
    asked = request.query_params.get("lang") or request.cookies.get(_LANGUAGE_COOKIE)
    if asked is not None and asked in LANGUAGES:
        return asked
    return from_accept_language(request.headers.get("accept-language", ""))


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a posted form; files and more than a handful of fields are refused."""
    form = await request.form(max_files=0, max_fields=8)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def field(name: str, label: str, kind: str, **attributes: str) -> str:
    """A labelled field that must be filled in."""
    more = "".join(f' {key.replace("_", "-")}="{html.escape(value)}"' for key, value in attributes.items())
    return (
        f'<label for="{name}">{html.escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" required{more}>'
    )


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; `kind` is a class of the style sheet."""
    return f"<p{_class(kind)}>{html.escape(text)}</p>"


def button(label: str, kind: str = "") -> str:
    """The button of a form."""
    return f"<button{_class(kind)}>{html.escape(label)}</button>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def way(path: str, label: str, kind: str = "") -> str:
    """A link to another page of ours that looks like a button."""
    return f'<p><a class="button {kind}" href="{html.escape(path)}">{html.escape(label)}</a></p>'


def apart(text: str) -> str:
    """A word on a line between two ways."""
    return f'<p class="apart"><span>{html.escape(text)}</span></p>'


def foreign(request: Request, language: Language, back: str) -> Response:
    """What somebody reads whose form came from another site."""
    text = _("This form came from another site, so it was not used. Fill it in here.")
    return page(request, language, _("Not accepted"), back, problem=text, status=403)


def page(
    request: Request,
    language: Language,
    title: str,
    body: str,
    *,
    problem: str | None = None,
    status: int = 200,
    wide: bool = False,
) -> Response:
    """The whole page. `body` is our own HTML with escaped values; `title` and `problem` are plain text.

    `wide` is for pages to read, which say nothing of what Klankbord is.
    """
    alert = f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else ""
    wider = ' class="wide"' if wide else ""
    others = " ".join(
        f'<a href="{html.escape(str(request.url.include_query_params(lang=code).replace(scheme="", netloc="")))}"'
        f' lang="{code}" hreflang="{code}">{name}</a>'
        if code != language.code
        else f'<span aria-current="true">{name}</span>'
        for code, name in LANGUAGES.items()
    )
    pitch = _("What people say about you, in one inbox. Nothing lost, nobody answered twice.")
    told = "" if wide else paragraph(pitch, "pitch")
    whole = (
        f'<!doctype html><html lang="{language.code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><meta name="color-scheme" content="light dark">'
        f"<title>{html.escape(title)} · Klankbord</title>"
        '<link rel="icon" href="/sign-in/mark.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/sign-in/style.css">'
        f'</head><body><main{wider}><div class="brand"><img src="/sign-in/mark.svg" alt="" width="44" height="44">'
        f"<span>Klankbord</span></div>{told}"
        f'<div class="card"><h1>{html.escape(title)}</h1>{alert}{body}</div>'
        f'<nav aria-label="{html.escape(_("Language"))}">{others}</nav></main></body></html>'
    )
    response = HTMLResponse(whole, status_code=status)
    response.headers["content-security-policy"] = FORM_POLICY
    response.headers["cache-control"] = "no-store"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(_LANGUAGE_COOKIE, language.code, max_age=31_536_000, httponly=True, samesite="lax")
    return response
