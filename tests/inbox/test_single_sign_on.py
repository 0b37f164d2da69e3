"""Single sign-on against a provider on loopback that signs what tests tell it to; who comes in, and who does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.jws import JWSRegistry

from inbox import people
from inbox.errors import NotSignedIn, SingleSignOnRefused
from inbox.oidc.claims import Create, Enter, Identity, Known, Refuse, Why, decide, read, role_of
from inbox.oidc.door import Arrival
from inbox.permissions import Role
from inbox.settings import OidcSettings, SignInSettings
from tests.inbox.accessing import HERE, secured
from tests.inbox.conftest import World

CLIENT, SECRET = "klankbord", "the secret of klankbord"


@dataclass
class FakeProvider:
    """A provider whose answers tests may spoil. `said`: what it signs; `info`: what it tells beside."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one"}))
    published: list[RSAKey] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    sign_with: Any = None
    asked: dict[str, str] = field(default_factory=dict)
    exchanged: list[dict[str, str]] = field(default_factory=list)
    down: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)

    def answer(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        if self.down:
            return None
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/me",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                **self.metadata,
            }
        if path == "/jwks":
            return {"keys": [key.as_dict(private=False) for key in self.published or [self.key]]}
        if path == "/token":
            self.exchanged.append(form)
            if create_s256_code_challenge(form["code_verifier"]) != self.asked["code_challenge"]:
                return None
            registry = JWSRegistry(algorithms=["RS256", "HS256"])
            signed = jwt.encode(self.header, self.said, self.sign_with or self.key, registry=registry)
            return {"access_token": "for-me", "token_type": "Bearer", "id_token": signed}
        return {"sub": self.said.get("sub"), **self.info}


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": "one"})


@pytest.fixture
def provider(key: RSAKey) -> Iterator[FakeProvider]:
    fake = FakeProvider(key=key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            found = fake.answer(urlsplit(self.path).path, form)
            body = json.dumps(found or {"error": "no"}).encode()
            self.send_response(200 if found is not None else 500)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


def house(world: World, provider: FakeProvider, **more: Any) -> World:
    oidc = OidcSettings(issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, name="Acme", **more)
    return secured(world, sign_in=SignInSettings(oidc=oidc))


def go(world: World, provider: FakeProvider, **spoil: Any) -> Arrival:
    """To the provider and back, as a browser would; `claims` and `back` change what comes back."""
    departure = world.inbox.single_sign_on.depart("/?c=5")
    provider.asked = {name: values[0] for name, values in parse_qs(urlsplit(departure.url).query).items()}
    now = int(world.clock().timestamp())
    provider.said = {
        "iss": provider.issuer,
        "sub": "1001",
        "aud": CLIENT,
        "exp": now + 300,
        "iat": now,
        "nonce": provider.asked["nonce"],
        "email": "jo@shop.example",
        "email_verified": True,
        "name": "Jo de Vries",
        "preferred_username": "Jo.Vries",
        **spoil.get("claims", {}),
    }
    provider.said = {name: value for name, value in provider.said.items() if value is not None}
    back = {"state": provider.asked["state"], "code": "the-code", "error": "", **spoil.get("back", {})}
    return world.inbox.single_sign_on.arrive(spoil.get("luggage", departure.luggage), **back, browser=HERE)


def refused(world: World, provider: FakeProvider, **spoil: Any) -> str:
    with pytest.raises(SingleSignOnRefused) as caught:
        go(world, provider, **spoil)
    return caught.value.why


def test_somebody_new_comes_in_with_the_same_session_as_everybody(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, create_users=True)
    arrival = go(world, provider)
    assert arrival.target == "/?c=5"
    user = world.inbox.current_user(arrival.session.token)
    assert (user.login, user.name, user.role) == ("jo.vries", "Jo de Vries", Role.AGENT)
    assert world.inbox.access.sessions(arrival.session.token)[0].method == "oidc"
    assert world.inbox.access.account(arrival.session.token).single_sign_on == "Acme"
    asked = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == (
        "code", "S256", "openid profile email",
    )  # fmt: skip
    assert asked["redirect_uri"] == "https://inbox.acme.example/oidc/callback"
    again = go(world, provider, claims={"email": "other@shop.example", "preferred_username": "renamed"})
    assert again.session.user.id == user.id, "the subject counts, whatever else changes"


def test_without_adding_people_only_known_ones_come_in(world: World, provider: FakeProvider) -> None:
    world = house(world, provider)
    people.add(world.desk, login="jo@shop.example", name="Jo", role=Role.LEAD)
    assert refused(world, provider) == "unknown", "an address alone links nobody"


def test_a_verified_address_links_somebody_once_where_that_is_wanted(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, link_by_email=True)
    made = people.add(world.desk, login="jo", name="Jo", role=Role.LEAD, email="jo@shop.example")
    assert refused(world, provider, claims={"email_verified": False}) == "unknown"
    assert refused(world, provider, claims={"email_verified": None}) == "unknown"
    assert refused(world, provider, claims={"email_verified": "true"}) == "unknown"
    assert go(world, provider).session.user.id == made.user.id
    assert refused(world, provider, claims={"sub": "2002"}) == "linked_already"
    assert go(world, provider).session.user.role is Role.LEAD, "without a role claim, roles are set here"


def test_an_address_of_two_people_links_neither(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, link_by_email=True)
    for login in ("jo", "sam"):
        people.add(world.desk, login=login, name=login, role=Role.AGENT, email="jo@shop.example")
    assert refused(world, provider) == "unknown"


def test_the_role_follows_the_claim_at_every_sign_in(world: World, provider: FakeProvider) -> None:
    world = house(
        world, provider, create_users=True, role_claim="realm_access.roles",
        roles={"kb-lead": Role.LEAD, "kb-agent": Role.AGENT},
    )  # fmt: skip
    assert refused(world, provider) == "no_role"
    assert refused(world, provider, claims={"realm_access": {"roles": ["other"]}}) == "no_role"
    both = go(world, provider, claims={"realm_access": {"roles": ["kb-agent", "kb-lead"]}})
    assert both.session.user.role is Role.LEAD
    less = go(world, provider, claims={"realm_access": {"roles": "kb-agent"}})
    assert less.session.user.role is Role.AGENT
    assert world.inbox.current_user(both.session.token).role is Role.AGENT, "also where they were signed in"


def test_the_last_administrator_stays_one(world: World, provider: FakeProvider) -> None:
    world = house(
        world, provider, create_users=True, role_claim="role", roles={"boss": Role.ADMINISTRATOR, "a": Role.AGENT}
    )
    assert go(world, provider, claims={"role": "boss"}).session.user.role is Role.ADMINISTRATOR
    assert go(world, provider, claims={"role": "a"}).session.user.role is Role.ADMINISTRATOR


def test_a_disabled_person_is_refused_and_recorded(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, create_users=True)
    session = go(world, provider).session
    people.set_active(world.desk, session.user.id, active=False)
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(session.token)
    assert refused(world, provider) == "disabled"
    boss = world.token(world.person(Role.ADMINISTRATOR))
    line = world.inbox.access.record(boss, kind="refused").lines[0]
    assert (line.object, line.params["why"]) == ("Jo de Vries", "disabled")


def test_claims_may_come_beside_the_signed_ones_but_only_of_the_same_person(
    world: World, provider: FakeProvider
) -> None:
    world = house(world, provider, create_users=True, role_claim="groups", roles={"webcare": Role.LEAD})
    provider.info = {"groups": ["webcare"]}
    assert go(world, provider).session.user.role is Role.LEAD
    provider.info = {"groups": ["webcare"], "sub": "somebody else"}
    assert refused(world, provider) == "not_trusted"


def test_only_addresses_of_the_organisation(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, create_users=True, allowed_domains=("acme.example",))
    assert refused(world, provider) == "wrong_domain"
    assert refused(world, provider, claims={"email": "jo@acme.example.evil.example"}) == "wrong_domain"
    assert refused(world, provider, claims={"email": "jo@acme.example", "email_verified": False}) == "wrong_domain"
    assert go(world, provider, claims={"email": "Jo@ACME.example"}).session.user.name == "Jo de Vries"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another client"},
        {"aud": ["another", "third"]},
        {"iss": "https://evil.example"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"iat": None},
        {"aud": [CLIENT, "another"], "azp": "another"},
    ],
)
def test_claims_that_do_not_hold_are_not_trusted(world: World, provider: FakeProvider, claims: dict[str, Any]) -> None:
    world = house(world, provider, create_users=True)
    assert refused(world, provider, claims=claims) == "not_trusted"


def test_a_signature_by_another_key_or_by_the_shared_secret_is_not_trusted(
    world: World, provider: FakeProvider
) -> None:
    world = house(world, provider, create_users=True)
    provider.sign_with = RSAKey.generate_key(2048, parameters={"kid": "one"})
    assert refused(world, provider) == "not_trusted"
    provider.sign_with, provider.header = OctKey.import_key(SECRET), {"alg": "HS256"}
    assert refused(world, provider) == "not_trusted"


def test_new_keys_of_the_provider_are_fetched_when_they_are_needed(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, create_users=True)
    go(world, provider)
    new = RSAKey.generate_key(2048, parameters={"kid": "two"})
    provider.sign_with, provider.published, provider.header = new, [provider.key, new], {"alg": "RS256", "kid": "two"}
    assert go(world, provider).session.user.name == "Jo de Vries"


def test_a_way_back_that_was_not_the_way_out_is_refused(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, create_users=True)
    assert refused(world, provider, back={"state": "of somebody else"}) == "stale"
    assert refused(world, provider, back={"state": ""}) == "stale"
    assert refused(world, provider, luggage="") == "stale"
    assert refused(world, provider, luggage="made up, ünsealed") == "stale"
    other = world.inbox.single_sign_on.depart("/").luggage
    assert refused(world, provider, luggage=other) == "stale", "another sign-in of the same browser"
    assert refused(world, provider, back={"error": "access_denied", "code": ""}) == "said_no"
    assert refused(world, provider, back={"code": ""}) == "not_trusted"
    assert provider.exchanged == [], "no code was used"
    departure = world.inbox.single_sign_on.depart("/")
    world.clock.step(timedelta(minutes=11))
    assert refused(world, provider, luggage=departure.luggage) == "stale"


def test_a_provider_that_is_away_or_somebody_else_is_told(world: World, provider: FakeProvider) -> None:
    away = house(world, provider, create_users=True)
    provider.down = True
    with pytest.raises(SingleSignOnRefused, match="500"):
        away.inbox.single_sign_on.depart("/")
    provider.down, provider.metadata = False, {"issuer": "https://evil.example"}
    with pytest.raises(SingleSignOnRefused, match=r"evil\.example"):
        away.inbox.single_sign_on.depart("/")
    with pytest.raises(SingleSignOnRefused, match="no single sign-on"):
        secured(world).inbox.single_sign_on.depart("/")


def test_two_who_are_called_the_same_get_two_logins(world: World, provider: FakeProvider) -> None:
    world = house(world, provider, create_users=True)
    first, second = go(world, provider), go(world, provider, claims={"sub": "2002"})
    assert (first.session.user.login, second.session.user.login) == ("jo.vries", "jo.vries2")


# --- pure ------------------------------------------------------------------------------------------------------------

SETTINGS = OidcSettings(
    issuer="https://id.example", client_id="x", role_claim="a.b", roles={"l": Role.LEAD, "r": Role.AGENT}
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["l", "r", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "sub"]), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_any_claims_give_a_mapped_role_or_none(claims: Any) -> None:
    told = claims if isinstance(claims, dict) else {"a": claims}
    assert role_of(told, SETTINGS) in {None, Role.LEAD, Role.AGENT}
    assert read({**told, "sub": "1"}, SETTINGS).subject == "1"


KNOWN = st.builds(Known, user_id=st.integers(1, 9), active=st.booleans(), linked=st.booleans())


@given(
    email=st.none() | st.sampled_from(["a@x.example", "a@y.example"]),
    verified=st.booleans(),
    role=st.none() | st.sampled_from(list(Role)),
    by_subject=st.none() | KNOWN,
    by_email=st.lists(KNOWN, max_size=2),
    create=st.booleans(),
    link=st.booleans(),
    domains=st.sampled_from([(), ("x.example",)]),
    claim=st.booleans(),
)
def test_nobody_disabled_unverified_or_without_a_role_ever_comes_in(
    *, email: str | None, verified: bool, role: Role | None, by_subject: Known | None, by_email: list[Known],
    create: bool, link: bool, domains: tuple[str, ...], claim: bool,
) -> None:  # fmt: skip
    settings = OidcSettings(
        issuer="https://id.example", client_id="x", create_users=create, link_by_email=link, allowed_domains=domains,
        role_claim="role" if claim else None,
    )  # fmt: skip
    identity = Identity("https://id.example", "1", email, verified and email is not None, "A", "a", role)
    decision = decide(identity, settings, by_subject=by_subject, by_email=by_email)
    if claim and role is None:
        assert isinstance(decision, Refuse)
    if domains and not (email == "a@x.example" and verified):
        assert decision == Refuse(Why.WRONG_DOMAIN)
    if isinstance(decision, Enter):
        known = by_email[0] if decision.link else by_subject
        assert known is not None
        assert known.active
        assert decision.user_id == known.user_id
        assert not decision.link or (link and verified and not known.linked and by_subject is None)
    if isinstance(decision, Create):
        assert create
        assert by_subject is None
