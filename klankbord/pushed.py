"""Putting together what platforms push to: for each configured webhook, what checks its deliveries."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from connectors.push import PushedMessage
from connectors.registry import load
from connectors.webhooks import Signing
from klankbord.config import Config, HookSettings
from web.api.settings import Pushing

_LONGEST_NAME = 100


def signings(config: Config) -> Mapping[str, Signing]:
    """By id of the webhook: how its platform greets and signs, with the secrets of the configuration.

    The process that listens to strangers needs no login of any account, and is given none.
    """
    hooks = () if config.webhooks is None else config.webhooks.hooks
    return {hook.id: _signing(config, hook) for hook in hooks}


def sources_of(config: Config) -> Mapping[str, tuple[str, ...]]:
    """By the name under which deliveries wait: the ids of the sources they may tell of."""
    hooks = () if config.webhooks is None else config.webhooks.hooks
    told = {hook.id: hook.sources for hook in hooks}
    return told | {hook: (source,) for source, hook in through_the_api(config).items()}


def through_the_api(config: Config) -> Mapping[str, str]:
    """Sources that programs push messages to, and the name under which those wait: no webhook can be called so."""
    return {
        source.id: _waiting_as(source.id)
        for source in config.sources
        if source.enabled and load(source.connector).takes_messages
    }


def pushing(config: Config) -> Pushing:
    """What the API needs to know of messages that programs push."""
    return Pushing(PushedMessage, through_the_api(config))


def _waiting_as(source_id: str) -> str:
    name = f"push:{source_id}"
    return name if len(name) <= _LONGEST_NAME else f"push:{hashlib.sha256(source_id.encode()).hexdigest()}"


def _signing(config: Config, hook: HookSettings) -> Signing:
    connector = next(source.connector for source in config.sources if source.id == hook.sources[0])
    kind = load(connector).signing
    if kind is None:
        msg = f"the webhook {hook.id} names a source that nothing can be pushed to"
        raise ValueError(msg)
    token = None if hook.verify_token is None else hook.verify_token.get_secret_value()
    return kind(hook.secrets, token)
