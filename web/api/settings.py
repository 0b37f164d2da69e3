"""What the API is told by whoever composes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which web processes that share a port count together. `klankbord web` sets it;
its name is that of `prometheus_client`, which looks there by itself."""


class ApiSettings(BaseModel):
    """The API for other programs."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    enabled: bool = Field(default=True, description="False: there is no API; health and metrics stay.")
    per_minute: int = Field(default=600, ge=1, le=1_000_000, description="Calls a minute of one token.")
    burst: int = Field(default=100, ge=1, le=100_000, description="Calls of one token at once.")
    allow_origins: tuple[str, ...] = Field(
        default=(), description="Origins whose pages may call it from a browser, such as https://bi.acme.example."
    )
    metrics_token: bool = Field(default=False, description="True: /metrics asks for a token with the scope `metrics`.")


@dataclass(frozen=True, slots=True)
class Pushing:
    """Where programs may push messages.

    Attributes:
        item: what one message is checked by.
        hook_of: by id of a source that takes them, under which name they wait for the worker.
    """

    item: type[BaseModel]
    hook_of: Mapping[str, str]
