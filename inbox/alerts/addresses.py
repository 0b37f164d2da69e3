"""Where a receiver of a kind can be told: what fits, and what may be shown of it.

Addresses of webhooks and chats let whoever knows them write there, so they are secrets: they are sealed, and only the
name of the service or the host is shown. Which services of `apprise` are taken stands in `SERVICES`: those that post a
message over HTTPS to a chat or a pager. What writes files, runs something on this machine, speaks to a device, sends a
text message for money, or calls any address at all is not among them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from inbox.alerts.views import Kind
from inbox.errors import BadInput
from inbox.mail.addresses import clean_address
from inbox.sentences import Sentence

LONGEST = 2_000
SERVICES = frozenset(
    {
        "discord",
        "gchat",
        "gotify",
        "gotifys",
        "guilded",
        "lark",
        "matrix",
        "matrixs",
        "mmost",
        "mmosts",
        "ntfy",
        "ntfys",
        "opsgenie",
        "pagerduty",
        "pagertree",
        "pover",
        "rocket",
        "rockets",
        "ryver",
        "slack",
        "spike",
        "tgram",
        "twist",
        "workflows",
        "wxteams",
        "zulip",
    }
)
"""Names of services as their addresses begin; of a server of one's own with an s at the end for HTTPS."""


def checked(kind: Kind, text: str) -> tuple[str, bool]:
    """What may be shown of an address, and whether all of it must be kept secret.

    Raises:
        BadInput: nothing of this kind can be reached there.
    """
    given = text.strip()
    if len(given) > LONGEST:
        raise BadInput(Sentence("An address has at most {most} characters.", most=LONGEST))
    if kind is Kind.MAIL:
        return clean_address(given), False
    if kind is Kind.WEBHOOK:
        return _host(given), True
    return _service(given), True


def _service(text: str) -> str:
    """The name of a service; never what else the address holds."""
    import apprise  # a second of work and 189 plug-ins: only for whoever makes a receiver

    found: Any = apprise.Apprise.instantiate(text, suppress_exceptions=True)
    if found is None or not SERVICES & {str(one) for one in found.schemas()}:
        raise BadInput(
            Sentence(
                "This is no address of a chat service that can be told. Copy the address of its incoming webhook, or "
                "write one of these: {options}.",
                options=("slack://…", "workflows://…", "discord://…", "mmosts://…", "gchat://…"),
            )
        )
    if len(found) != 1:
        raise BadInput(Sentence("One receiver is one address; make another receiver for each channel."))
    return str(found.service_name)


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        shown = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        fits = False
    if not fits or not url.isprintable() or " " in url:
        raise BadInput(Sentence("Write the address of a webhook as https://host/path, without a name or password."))
    return shown
