"""Connecting an account, step by step: a generator that says what comes next and is told what came of it.

Pure, like the rest of a connector: `klankbord connect` asks the person, opens the browser, listens on loopback and
calls the platform; a test plays all of them by hand. Steps and what is sent back for each:

    Ask(fields)            a mapping from field name to what the person typed
    Choose(text, options)  the keys that were chosen
    Redirect()             the address to which the next Browse will send the browser back
    Browse(url, ...)       the query parameters with which the platform sent the browser back
    Call(request)          the HttpResponse, whatever its status
    Tell(text)             nothing

The generator returns what is to be kept (`Connected`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a person types. A secret is not echoed. `help` says where to find it; `default` may be empty."""

    name: str
    label: str
    secret: bool = False
    help: str = ""
    default: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the person for some fields; `text` says first what they are about."""

    fields: tuple[Field, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Choose:
    """Let the person choose among options (key and label), such as the pages that an account manages."""

    text: str
    options: tuple[tuple[str, str], ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """Ask for the redirect address of the next `Browse`, where it has to be registered at the platform before."""


@dataclass(frozen=True, slots=True)
class Browse:
    """Send the person to the platform, and wait for it to send the browser back to `redirect_uri`.

    Attributes:
        url: makes the address to open, from the redirect address, a random state and the PKCE challenge (S256).
        text: what the person will see there.
        manual: the platform allows no loopback address: the person pastes the address they ended at.
    """

    url: Callable[[str, str, str], str]
    text: str = ""
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back with the browser: parameters (the state was checked), and what the exchange of the code needs."""

    params: Mapping[str, str]
    redirect_uri: str
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Ask the platform something."""

    request: HttpRequest


class Tone(StrEnum):
    """How a sentence is meant."""

    WORKS = "works"
    LACKS = "lacks"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Tell:
    """One plain sentence: what will work, or what will not and why."""

    text: str
    tone: Tone = Tone.NOTE


@dataclass(frozen=True, slots=True)
class Connected:
    """What connecting leaves behind.

    Attributes:
        login: secrets, for `Connector.login_taken`; kept encrypted.
        options: for the source in `config.yaml`, without secrets.
        account: whose account it is, for people.
    """

    login: Mapping[str, str] = field(repr=False)
    options: Mapping[str, Json]
    account: str


Step = Ask | Choose | Redirect | Browse | Call | Tell
Answer = Mapping[str, str] | tuple[str, ...] | str | Returned | HttpResponse | None
Connecting = Generator[Step, Answer, Connected]
