"""The door to single sign-on: where the browser goes, and what becomes of it when it comes back.

Between the two, state, nonce and PKCE verifier are kept sealed in the browser's own cookie, for ten minutes; nothing is
kept here, so that any process may take it up.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta

from authlib.common.security import generate_token

from inbox.entrance import Entrance
from inbox.errors import SealBroken, SingleSignOnRefused
from inbox.oidc import claims, enter
from inbox.oidc.claims import Why
from inbox.oidc.provider import Provider
from inbox.people_views import SignedIn
from inbox.secrecy import Secrecy
from inbox.sentences import Sentence
from inbox.sessions import Browser

VALID = timedelta(minutes=10)
PURPOSE = "on the way to the identity provider"
_SAID_NO = frozenset({"access_denied", "login_required", "interaction_required", "consent_required"})


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what it carries meanwhile in an HttpOnly cookie."""

    url: str
    luggage: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The session, and where on this server they wanted to be."""

    session: SignedIn
    target: str


class SingleSignOnDoor:
    """Single sign-on as the sign-in pages see it."""

    def __init__(self, entrance: Entrance) -> None:
        self._desk = entrance.desk
        settings = self._desk.settings.sign_in.oidc
        self._provider = None if settings is None or self._desk.secrecy is None else Provider(settings)

    @property
    def name(self) -> str | None:
        """What the provider is called on the button; None where there is none."""
        return None if self._provider is None else self._provider.settings.name

    @property
    def _redirect_uri(self) -> str:
        return f"{self._desk.settings.base_url.rstrip('/')}/oidc/callback"

    def depart(self, target: str) -> Departure:
        """Send somebody to the provider. `target`: where on this server they want to be.

        Raises:
            SingleSignOnRefused: there is none, or it does not answer.
        """
        provider, secrecy = self._open()
        state, nonce, verifier = generate_token(40), generate_token(40), generate_token(64)
        url = provider.authorization_url(redirect_uri=self._redirect_uri, state=state, nonce=nonce, verifier=verifier)
        told = json.dumps({"state": state, "nonce": nonce, "verifier": verifier, "target": target})
        return Departure(url, secrecy.seal(told.encode(), PURPOSE, now=self._desk.clock()).decode())

    def arrive(self, luggage: str, *, state: str, code: str, error: str, browser: Browser) -> Arrival:
        """Take somebody back from the provider.

        Args:
            luggage: the cookie of `depart`.
            state: from the address the provider sent them to.
            code: likewise.
            error: likewise.
            browser: theirs.

        Raises:
            SingleSignOnRefused: this is not the way they left by, the provider refuses, or they may not come in.
        """
        provider, secrecy = self._open()
        now = self._desk.clock()
        try:
            told = json.loads(secrecy.unseal(luggage.encode(), PURPOSE, now=now, within=VALID))
        except (SealBroken, UnicodeEncodeError) as problem:
            raise SingleSignOnRefused(
                Why.STALE, Sentence("That took too long, or began in another browser. Begin again.")
            ) from problem
        if not state or not hmac.compare_digest(state.encode(), str(told["state"]).encode()):
            raise SingleSignOnRefused(Why.STALE, Sentence("This answer does not belong to your sign-in. Begin again."))
        if error or not code:
            why = Why.SAID_NO if error in _SAID_NO else Why.NOT_TRUSTED
            raise SingleSignOnRefused(why, Sentence("Your organisation's sign-in did not let you in. Begin again."))
        found = provider.claims(
            code=code,
            redirect_uri=self._redirect_uri,
            nonce=told["nonce"],
            verifier=told["verifier"],
            now=int(now.timestamp()),
        )
        identity = claims.read(found, provider.settings)
        session = enter.enter(self._desk, provider.settings, identity, browser=browser)
        return Arrival(session, str(told["target"]))

    def _open(self) -> tuple[Provider, Secrecy]:
        if self._provider is None or self._desk.secrecy is None:
            raise SingleSignOnRefused(
                Why.UNKNOWN, Sentence("There is no single sign-on here. Sign in with your password.")
            )
        return self._provider, self._desk.secrecy
