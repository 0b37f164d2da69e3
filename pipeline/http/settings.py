"""The limits the polite client keeps."""

from __future__ import annotations

from dataclasses import dataclass

PRODUCT = "Klankbord"


def user_agent(version: str, contact: str | None) -> str:
    """Build the User-Agent by which a site owner knows us and can reach us.

    Args:
        version: of Klankbord.
        contact: mail address or URL of whoever runs this installation; None when not configured.
    """
    told = f"; {contact}" if contact else ""
    return f"{PRODUCT}/{version} (social listening{told})"


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Limits of the polite client; all times in seconds, all sizes in bytes.

    Attributes:
        user_agent: sent with every call; see `user_agent()`.
        connect_s, read_s, write_s, pool_s: time-out of each phase; `read_s` is the longest silence.
        total_s: limit on one attempt, redirects and body included.
        max_redirects: hops followed before giving up.
        per_host: calls under way at once to one host.
        overall: calls under way at once to all hosts together.
        tries: attempts for a call that is safe to repeat.
        backoff_s, backoff_cap_s: first and longest pause between attempts.
        short_wait_s: a host's wish to wait is slept out when it is at most this long, else raised.
        longest_pause_s: a host's wish to wait is believed up to this long.
        allow_private_hosts: `host` or `host:port` on a private network that may be reached.
    """

    user_agent: str = f"{PRODUCT} (social listening)"
    connect_s: float = 10.0
    read_s: float = 15.0
    write_s: float = 15.0
    pool_s: float = 20.0
    total_s: float = 30.0
    max_redirects: int = 5
    per_host: int = 2
    overall: int = 50
    tries: int = 3
    backoff_s: float = 0.5
    backoff_cap_s: float = 8.0
    short_wait_s: float = 3.0
    longest_pause_s: float = 86_400.0
    allow_private_hosts: frozenset[str] = frozenset()
