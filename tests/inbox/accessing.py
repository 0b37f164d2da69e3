"""A world with a key, and with other settings of signing in and mail than the plain one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp

from inbox import people
from inbox.access import codes
from inbox.desk import Desk
from inbox.people_views import SignedIn
from inbox.permissions import Role
from inbox.secrecy import Secrecy
from inbox.service import Inbox
from inbox.sessions import Browser
from tests.inbox.conftest import SETTINGS, World

PASSWORD = "een zin om te onthouden"
HERE = Browser("192.0.2.7", "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0")
KEY = "a key of thirty-two characters at least"


def secured(world: World, *, key: str = KEY, **changes: Any) -> World:
    """The same store and clock, with a key and these settings."""
    settings = SETTINGS.model_copy(update={"base_url": "https://inbox.acme.example", **changes})
    secrecy = Secrecy(lambda: (key,))
    desk = Desk(world.store, settings, world.clock, secrecy=secrecy)
    return replace(world, desk=desk, inbox=Inbox(world.store, settings, clock=world.clock, secrecy=secrecy))


def joined(world: World, login: str = "jo", role: Role = Role.AGENT, **more: Any) -> SignedIn:
    """Somebody with a password who is signed in."""
    made = people.add(world.desk, login=login, name=login.title(), role=role, **more)
    entered = world.inbox.use_link(made.token, PASSWORD, address=HERE.address, agent=HERE.agent)
    assert isinstance(entered, SignedIn)
    return entered


def code_now(world: World, secret: str, *, steps: int = 0) -> str:
    """What an authenticator shows now, or some steps away."""
    plain = secret.replace(" ", "")
    return pyotp.TOTP(plain).at(world.clock(), counter_offset=steps)


def enrolled(world: World, token: str) -> tuple[str, tuple[str, ...]]:
    """Turn somebody's second factor on: the secret and the recovery codes. The clock moves on to the next code."""
    secret = world.inbox.access.begin_second_factor(token).secret
    recovery = world.inbox.access.confirm_second_factor(token, code_now(world, secret))
    world.clock.step(timedelta(seconds=codes.STEP_S))
    return secret, recovery
