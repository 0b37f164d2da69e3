"""The browser's trip to the platform and back: a loopback address of ours that waits for it, or an address pasted.

What comes back counts only with the random state that went out, and only once (RFC 6749 section 10.12, RFC 8252). The
code in it is of no use without the verifier, which never leaves this process before the exchange (PKCE, RFC 7636).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import sys
import threading
import webbrowser
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from connectors.connecting import Browse, Returned
from klankbord.connecting.person import Person
from klankbord.console import CommandError
from pipeline.http.redact import KNOWN

PORT = 8504
PATH = "/connected"
_HERE = frozenset({"127.0.0.1", "localhost"})
_PASTES = 3
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Klankbord</title>'
    '<p style="font: 1.2em sans-serif; margin: 3em">{text}</p></html>'
)
_THANKS = "Klankbord has the answer. You may close this tab; how it goes on stands in the terminal."
_SECOND = "This login was answered already. You may close this tab."
_STRANGER = "This is not the login that was begun just now. Go back to the terminal, and open the address from there."


@dataclass(slots=True)
class Trips:
    """Sends a browser out and waits for it.

    Attributes:
        person: who sits at the terminal, and pastes where no browser can come back.
        address: that the browser is sent back to; None: one of this machine.
        port: to listen on; 0 takes a free one.
        paste: False listens, True takes a pasted address.
        opens: whether a browser is opened here.
        wait_s: seconds to wait for the browser.
    """

    person: Person
    address: str | None = None
    port: int = PORT
    paste: bool = False
    opens: bool = True
    wait_s: float = 300.0
    _landing: Landing | None = None

    def redirect(self) -> str:
        """The address that the browser is sent back to.

        Raises:
            CommandError: nothing can listen there.
        """
        if self.paste or not self._comes_here():
            return self.address or f"http://127.0.0.1:{self.port or PORT}{PATH}"
        if self._landing is None:
            parts = urlsplit(self.address or f"http://127.0.0.1:{self.port}{PATH}")
            self._landing = Landing(parts.hostname or "", 80 if parts.port is None else parts.port, parts.path or "/")
        return self._landing.address

    def go(self, step: Browse) -> Returned:
        """Send the browser out, and give what it came back with.

        Raises:
            CommandError: it did not come back, or the platform's address is none.
        """
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        KNOWN.add((state, verifier))
        redirect = f"http://127.0.0.1:{PORT}{PATH}" if step.manual else self.redirect()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        out = step.url(redirect, state, challenge)
        if urlsplit(out).scheme not in {"https", "http"} or not out.isascii() or not out.isprintable():
            msg = "the address to log in at is none that a browser may open; correct what was typed"
            raise CommandError(msg)
        if step.text:
            self.person.say(step.text)
        self.person.say(f"Open this address in a browser:\n\n{out}\n")
        if self.opens and has_browser():
            webbrowser.open(out)
        try:
            if self._landing is not None and not step.manual:
                params = self._landing.wait(state, self.wait_s)
            else:
                params, redirect = self._pasted(state, redirect, manual=step.manual)
        finally:
            self.close()
        KNOWN.add(params[name] for name in ("code", "auth_code") if name in params)
        return Returned(params, redirect, verifier)

    def close(self) -> None:
        """Listen no more."""
        if self._landing is not None:
            self._landing.close()
            self._landing = None

    def _comes_here(self) -> bool:
        parts = urlsplit(self.address or f"http://127.0.0.1:{self.port}{PATH}")
        return parts.scheme == "http" and parts.hostname in _HERE

    def _pasted(self, state: str, redirect: str, *, manual: bool) -> tuple[dict[str, str], str]:
        if not manual:
            self.person.say(
                f"At the end the browser is sent to {redirect}, which will not open unless Klankbord runs on the same "
                "machine. That is right: its address bar then holds what is needed."
            )
        for _ in range(_PASTES):
            typed = self.person.paste("Paste the whole address at which the browser ended")
            parts = urlsplit(typed)
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            if is_same(params.get("state", ""), state):
                return params, f"{parts.scheme}://{parts.netloc}{parts.path}" if manual else redirect
            self.person.say(
                "That is not an address of the login that was begun just now. It has `code=` and `state=` in it, or "
                "says `error=`."
            )
        msg = "no address of this login was pasted; nothing was connected"
        raise CommandError(msg)


def has_browser() -> bool:
    """Whether a browser can be opened here that does not take over the terminal."""
    if os.environ.get("BROWSER") or not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_same(given: str, wanted: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


class _Server(ThreadingHTTPServer):
    allow_reuse_address = False
    landing: Landing


class Landing:
    """Listens on 127.0.0.1 for one browser.

    Args:
        host: `127.0.0.1` or `localhost`, as the platform is told; what is listened on is 127.0.0.1.
        port: 0 takes a free one.
        path: where the browser comes.

    Raises:
        CommandError: the port is taken.
    """

    def __init__(self, host: str, port: int, path: str) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Visit)
        except OSError as error:
            msg = (
                f"port {port} of this machine cannot be listened on ({error.strerror}); name another one with --port, "
                "or use --paste"
            )
            raise CommandError(msg) from error
        self._server.landing = self
        self.path = path
        self.hosts = {f"{name}:{self._server.server_port}" for name in _HERE} | (_HERE if port == 80 else set())
        self.address = f"http://{host}:{self._server.server_port}{path}"
        self._state: str | None = None
        self._params: dict[str, str] | None = None
        self._lock = threading.Lock()
        self.done = threading.Event()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    def wait(self, state: str, seconds: float) -> dict[str, str]:
        """What the browser came back with.

        Raises:
            CommandError: it did not come in time.
        """
        self._state = state
        if not self.done.wait(seconds) or self._params is None:
            msg = (
                f"the browser did not come back within {seconds:g} seconds; nothing was connected. Run the command "
                "again; with --paste when the browser is on another machine"
            )
            raise CommandError(msg)
        return self._params

    def arrived(self, params: dict[str, str]) -> tuple[int, str]:
        """Take what a browser brought, if it is the first with the right state; status and text for its page."""
        with self._lock:
            if self._state is None or not is_same(params.get("state", ""), self._state):
                return 400, _STRANGER
            if self._params is not None:
                return 410, _SECOND
            self._params = params
            return 200, _THANKS

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Visit(BaseHTTPRequestHandler):
    """One request of a browser."""

    server: _Server
    timeout: ClassVar[float] = 5.0
    server_version, sys_version = "Klankbord", ""

    def do_GET(self) -> None:
        """Answer it."""
        landing = self.server.landing
        parts = urlsplit(self.path)
        if self.headers.get("Host", "") not in landing.hosts or parts.path != landing.path:
            self._answer(404, "There is nothing here.")
            return
        status, text = landing.arrived(dict(parse_qsl(parts.query, keep_blank_values=True)))
        try:
            self._answer(status, text)
        finally:
            if status == 200:
                landing.done.set()

    def _answer(self, status: int, text: str) -> None:
        page = _PAGE.format(text=text).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing: the address holds the code."""
