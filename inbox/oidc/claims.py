"""Who the provider says somebody is, which role that gives, and what we do with them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inbox.permissions import Role
from inbox.settings import OidcSettings

_STRONGEST_FIRST = (Role.ADMINISTRATOR, Role.LEAD, Role.AGENT, Role.SPECIALIST, Role.ANALYST, Role.READ_ONLY)


class Why(StrEnum):
    """Why somebody is not let in."""

    UNKNOWN = "unknown"
    DISABLED = "disabled"
    NO_ROLE = "no_role"
    WRONG_DOMAIN = "wrong_domain"
    LINKED_ALREADY = "linked_already"
    PROVIDER_DOWN = "provider_down"
    NOT_TRUSTED = "not_trusted"
    STALE = "stale"
    SAID_NO = "said_no"


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider knows them. `role` is None when the claims give none."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str
    login: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody here: whether they may come in, and whether they have an identity at a provider."""

    user_id: int
    active: bool
    linked: bool


@dataclass(frozen=True, slots=True)
class Enter:
    """Let this person in; `link` keeps the identity with them first."""

    user_id: int
    link: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """Add them first, with this role."""

    role: Role


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not let them in."""

    why: Why


def read(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """An identity from checked claims. `sub` and `iss` are there, because the checks demand them."""
    email = _text(claims.get("email"))
    login = _text(claims.get("preferred_username")) or email or str(claims["sub"])
    return Identity(
        issuer=settings.issuer,
        subject=str(claims["sub"]),
        email=email.lower() if email else None,
        # Only a plain true counts; some providers leave it out, which is not a yes.
        email_verified=claims.get("email_verified") is True and email is not None,
        name=_text(claims.get("name")) or login,
        login=login,
        role=role_of(claims, settings),
    )


def role_of(claims: Mapping[str, Any], settings: OidcSettings) -> Role | None:
    """The strongest role that the values of the role claim map to; None without a claim, a value or a mapping."""
    if settings.role_claim is None:
        return None
    given = {settings.roles[value] for value in _values(claims, settings.role_claim) if value in settings.roles}
    return next((role for role in _STRONGEST_FIRST if role in given), None)


def decide(
    identity: Identity, settings: OidcSettings, *, by_subject: Known | None, by_email: Sequence[Known]
) -> Enter | Create | Refuse:
    """What to do with somebody the provider vouches for.

    Args:
        identity: who they are.
        settings: of the provider.
        by_subject: who has this identity here already.
        by_email: who has their address here; looked at only where the settings link by address.
    """
    if settings.allowed_domains and not _domain_allowed(identity, settings):
        return Refuse(Why.WRONG_DOMAIN)
    if settings.role_claim is not None and identity.role is None:
        return Refuse(Why.NO_ROLE)
    if by_subject is not None:
        return Enter(by_subject.user_id) if by_subject.active else Refuse(Why.DISABLED)
    if settings.link_by_email and identity.email_verified and by_email:
        return _by_email(by_email)
    if not settings.create_users:
        return Refuse(Why.UNKNOWN)
    return Create(identity.role or Role.AGENT)


def _by_email(found: Sequence[Known]) -> Enter | Refuse:
    """An address that two people share says nothing of who it is."""
    if len(found) > 1:
        return Refuse(Why.UNKNOWN)
    one = found[0]
    if one.linked:
        return Refuse(Why.LINKED_ALREADY)
    return Enter(one.user_id, link=True) if one.active else Refuse(Why.DISABLED)


def _domain_allowed(identity: Identity, settings: OidcSettings) -> bool:
    if not identity.email_verified or identity.email is None:
        return False
    domain = identity.email.rpartition("@")[2]
    return domain in {allowed.lower().lstrip("@") for allowed in settings.allowed_domains}


def _values(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """The values of a claim: one text or a list of them. A claim with dots in its own name is found first."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset({found})
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, Sequence) else frozenset()


def _text(value: Any) -> str | None:
    clean = " ".join(value.split()) if isinstance(value, str) else ""
    return clean[:200] or None
