"""How kept logins stand: whose they are, since when, until when, and whether they renew by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from klankbord import outside
from klankbord.connecting.finish import renews
from pipeline.http.redact import KNOWN
from pipeline.renewing import secrets_in
from pipeline.settings import SourceSettings
from store.errors import KeyUnusableError, SealBrokenError
from store.vault import Kept, Vault


@dataclass(frozen=True, slots=True)
class Standing:
    """A kept login as people see it.

    Attributes:
        configured: whether the configuration still has its source.
        renews: None when that cannot be said.
        trouble: why it cannot be used; "" when it can.
    """

    kept: Kept
    platform: str
    configured: bool
    renews: bool | None
    trouble: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "source": self.kept.source_id,
            "connector": self.kept.connector,
            "platform": self.platform,
            "account": self.kept.account,
            "connected_at": self.kept.connected_at,
            "renewed_at": self.kept.renewed_at,
            "ends_at": self.kept.ends_at,
            "renews": self.renews,
            "configured": self.configured,
            "trouble": self.trouble,
        }


def standings(vault: Vault, sources: Sequence[SourceSettings], now: datetime) -> list[Standing]:
    """All kept logins, by source."""
    configured = {source.id: source for source in sources}
    return [_standing(vault, kept, configured.get(kept.source_id), now) for kept in vault.listed()]


def _standing(vault: Vault, kept: Kept, source: SourceSettings | None, now: datetime) -> Standing:
    if source is None:
        return Standing(
            kept, kept.connector, configured=False, renews=None, trouble="no source of this id is configured"
        )
    agent = outside.connector_of(source)
    if source.connector != kept.connector:
        trouble = f"the source is one of {source.connector}"
        return Standing(kept, kept.connector, configured=True, renews=None, trouble=trouble)
    try:
        found = vault.read(kept.source_id, now)
    except (SealBrokenError, KeyUnusableError) as error:
        return Standing(kept, agent.platform, configured=True, renews=None, trouble=f"it cannot be read: {error}")
    if found is None or found.values is None:
        return Standing(kept, agent.platform, configured=True, renews=None, trouble="it was disconnected just now")
    KNOWN.add(secrets_in(found.values))
    agent.login_taken(found.values)
    ended = kept.ends_at is not None and kept.ends_at <= now
    renewed = renews(agent)
    trouble = "it has run out; connect the account again" if ended and not renewed else ""
    return Standing(kept, agent.platform, configured=True, renews=renewed, trouble=trouble)
