"""Talking with the identity provider, and checking what it signs. OpenID Connect Core 1.0, code flow with PKCE.

Signature, issuer, audience, expiry, nonce and the hash of the access token are checked by Authlib and its JOSE library;
what stands here are the three calls. Signatures made with a shared secret are not taken: only keys the provider
publishes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from inbox.errors import SingleSignOnRefused
from inbox.oidc.claims import Why
from inbox.sentences import Sentence
from inbox.settings import OidcSettings

_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_KEPT_S = 3_600.0
_TIMEOUT_S = 10.0
_LEEWAY_S = 60

Json = Mapping[str, Any]


class Provider:
    """An identity provider. Safe to share between threads; keeps its metadata and keys for an hour."""

    def __init__(self, settings: OidcSettings) -> None:
        self.settings = settings
        self._metadata: tuple[float, Json] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser.

        Raises:
            SingleSignOnRefused: the provider does not answer, or is not who it should be.
        """
        return str(
            prepare_grant_uri(
                self.metadata()["authorization_endpoint"],
                client_id=self.settings.client_id,
                response_type="code",
                redirect_uri=redirect_uri,
                scope=" ".join(self.settings.scopes),
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        )

    def claims(self, *, code: str, redirect_uri: str, nonce: str, verifier: str, now: int) -> Json:
        """Who a code stands for: the checked claims, and what the provider tells about them beside.

        Args:
            code: what the provider sent the browser back with.
            redirect_uri: as in the request that it answers.
            nonce: likewise.
            verifier: of which the challenge went along.
            now: seconds since 1970, UTC.

        Raises:
            SingleSignOnRefused: the provider does not answer, or what it says cannot be trusted.
        """
        token = self._exchange(code, redirect_uri, verifier)
        claims = self._checked(token, nonce=nonce, now=now)
        return {**self._user_info(token, subject=str(claims["sub"])), **claims}

    def metadata(self) -> Json:
        """What the provider says of itself.

        Raises:
            SingleSignOnRefused: it does not answer, or names another issuer.
        """
        if self._metadata is None or time.monotonic() - self._metadata[0] > _KEPT_S:
            found = _json("GET", f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.settings.issuer:
                raise SingleSignOnRefused(
                    Why.NOT_TRUSTED,
                    Sentence(
                        "Your organisation's sign-in calls itself “{issuer}”; write that as issuer.",
                        issuer=found.get("issuer"),
                    ),
                )
            self._metadata = (time.monotonic(), found)
        return self._metadata[1]

    def _exchange(self, code: str, redirect_uri: str, verifier: str) -> Json:
        metadata, settings = self.metadata(), self.settings
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        credentials = None
        if settings.client_secret is None:
            fields["client_id"] = settings.client_id
        elif "client_secret_basic" in metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            credentials = httpx.BasicAuth(settings.client_id, settings.client_secret)
        else:
            fields |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
        return _json("POST", metadata["token_endpoint"], data=fields, auth=credentials)

    def _checked(self, token: Json, *, nonce: str, now: int) -> Json:
        wanted = self.metadata().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=sorted(_ALGORITHMS & set(wanted)), strict_check_header=False)
        signed = str(token.get("id_token", ""))
        try:
            try:
                decoded = jwt.decode(signed, self._key_set(), registry=registry)
            except InvalidKeyIdError:
                # The provider may have changed its keys since we looked.
                decoded = jwt.decode(signed, self._key_set(fresh=True), registry=registry)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                    "nonce": {"essential": True, "value": nonce},
                },
                {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=now, leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SingleSignOnRefused(
                Why.NOT_TRUSTED,
                Sentence(
                    "What your organisation's sign-in signed does not hold: {problem}. Begin again.",
                    problem=type(error).__name__,
                ),
            ) from error
        return dict(claims)

    def _key_set(self, *, fresh: bool = False) -> KeySet:
        if fresh or self._keys is None or time.monotonic() - self._keys[0] > _KEPT_S:
            found = cast("Any", _json("GET", self.metadata()["jwks_uri"]))
            self._keys = (time.monotonic(), KeySet.import_key_set(found))
        return self._keys[1]

    def _user_info(self, token: Json, *, subject: str) -> Json:
        """Claims that are not in the signed token, over TLS from the provider itself; only if they are of the same."""
        where = self.metadata().get("userinfo_endpoint")
        if not where or "access_token" not in token:
            return {}
        told = _json("GET", where, headers={"authorization": f"Bearer {token['access_token']}"})
        if told.get("sub") != subject:
            raise SingleSignOnRefused(
                Why.NOT_TRUSTED,
                Sentence("Your organisation's sign-in told of somebody else than it signed for. Begin again."),
            )
        return told


def _json(method: str, url: str, **options: Any) -> Json:
    """One call to the provider.

    Raises:
        SingleSignOnRefused: no answer, a refusal, or no JSON object.
    """
    try:
        with httpx.Client(timeout=_TIMEOUT_S, headers={"accept": "application/json"}) as client:
            answer = client.request(method, url, **options)
        found = answer.json() if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise SingleSignOnRefused(
            Why.PROVIDER_DOWN,
            Sentence("Your organisation's sign-in does not answer. Try again, or sign in with your password."),
        ) from error
    if not isinstance(found, dict):
        raise SingleSignOnRefused(
            Why.NOT_TRUSTED,
            Sentence("Your organisation's sign-in refused ({status}). Begin again.", status=str(answer.status_code)),
        )
    return found
