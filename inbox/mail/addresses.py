"""What can be a mail address. Pure. Strict enough that no header or command can be slipped in."""

from __future__ import annotations

import re

from inbox.errors import BadInput
from inbox.sentences import Sentence

LONGEST = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}))*"
)


def clean_address(text: str) -> str:
    """An address as it is kept: without blanks around it, the part after @ in lower case.

    Raises:
        BadInput: it is none.
    """
    given = text.strip()
    if len(given) > LONGEST or not _ADDRESS.fullmatch(given) or ".." in given or given.startswith("."):
        raise BadInput(Sentence("“{text}” is no mail address; write it like jo@shop.example.", text=text), what="email")
    local, _at, domain = given.rpartition("@")
    return f"{local}@{domain.lower()}"
