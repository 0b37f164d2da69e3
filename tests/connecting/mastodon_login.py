"""The logins of a Mastodon instance on loopback: apps, authorisation, tokens with their scopes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.connectors import mastodon_home, mastodon_posts
from tests.connectors.loopback import Answer, Asked

HOST = "social.example"
WHOLE = "read:accounts read:statuses read:notifications read:search write:statuses write:favourites"


@dataclass
class Instance:
    """One instance.

    Attributes:
        modern: 4.3 or later: it tells what it knows, takes PKCE, and tells the scopes of a token.
        knows: scopes it tells it knows.
        grants: scopes the person grants, whatever is asked; None grants what is asked.
        longest: of a post.
        tokens: scopes by token.
        page: what every answer is instead.
    """

    modern: bool = True
    knows: str = "read write " + WHOLE
    grants: str | None = None
    longest: int = 500
    denies: bool = False
    page: bytes | None = None
    tokens: dict[str, str] = field(default_factory=lambda: {"typed-token": WHOLE})
    apps: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def handle(self, asked: Asked) -> Answer:
        """Answer one call."""
        self.asked.append(asked)
        if self.page is not None:
            return Answer(self.page, 502, {"Content-Type": "text/html"})
        match asked.path:
            case "/.well-known/oauth-authorization-server" if self.modern:
                return Answer(mastodon_home.oauth(HOST, self.knows.split()))
            case "/api/v1/apps":
                key = f"app-{len(self.apps) + 1}"
                self.apps[key] = {**asked.form, "secret": "app-secret"}
                made = mastodon_home.app(asked.form["redirect_uris"], asked.form["scopes"])
                return Answer({**made, "client_id": key, "client_secret": "app-secret"})
            case "/oauth/authorize":
                return self._authorize(asked.params)
            case "/oauth/token":
                return self._token(asked.form)
        return self._as_account(asked)

    def _as_account(self, asked: Asked) -> Answer:
        scopes = self.tokens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if scopes is None:
            return error(401, "The access token is invalid")
        held = set(scopes.split())
        match asked.path:
            case "/api/v1/accounts/verify_credentials":
                return Answer(mastodon_posts.credentials("acme", HOST))
            case "/api/v1/apps/verify_credentials" if self.modern:
                return Answer(mastodon_home.app("urn:ietf:wg:oauth:2.0:oob", scopes))
            case "/api/v2/instance":
                return Answer(mastodon_home.about(HOST, self.longest))
        rights = {"/api/v1/notifications": "read:notifications", "/api/v2/search": "read:search"}
        if asked.path not in rights:
            return error(404, "Not found")
        empty: Any = [] if asked.path == "/api/v1/notifications" else {"accounts": [], "statuses": [], "hashtags": []}
        return Answer(empty) if held & {"read", rights[asked.path]} else error(403, "This action is outside")

    def _authorize(self, params: dict[str, str]) -> Answer:
        app = self.apps[params["client_id"]]
        if params["redirect_uri"] != app["redirect_uris"] or params["scope"] != app["scopes"]:
            return error(400, "invalid_request")
        back = {"state": params["state"], "error": "access_denied", "error_description": "The person said no"}
        if not self.denies:
            self.codes[f"code-{len(self.codes)}"] = params
            back = {"state": params["state"], "code": f"code-{len(self.codes) - 1}"}
        return Answer(None, 302, {"Location": f"{params['redirect_uri']}?{urlencode(back)}"})

    def _token(self, form: dict[str, str]) -> Answer:
        asked = self.codes.pop(form.get("code", ""), None)
        app = self.apps.get(form.get("client_id", ""))
        if asked is None or app is None or form.get("client_secret") != app["secret"]:
            return error(401, "invalid_client", "Client authentication failed")
        if form["redirect_uri"] != asked["redirect_uri"]:
            return error(400, "invalid_grant", "The redirect address is another one")
        made = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode()
        if "code_challenge" in asked and made.rstrip("=") != asked["code_challenge"]:
            return error(400, "invalid_grant", "The verifier does not fit")
        token, scopes = f"token-{len(self.tokens)}-of-the-instance", self.grants or asked["scope"]
        self.tokens[token] = scopes
        given: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "scope": scopes, "created_at": 1}
        return Answer(given)


def error(status: int, code: str, words: str | None = None) -> Answer:
    """As the platform says no."""
    return Answer({"error": code} if words is None else {"error": code, "error_description": words}, status)
