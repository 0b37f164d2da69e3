"""The `push` connector: nothing is asked for; the worker hands it what was pushed through the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NoReturn

from pydantic import ValidationError

from connectors.contract import Connector, Options, Page, Query, Task
from connectors.errors import BadRequest, FormatChanged
from connectors.items import Item, Json, Rejected
from connectors.push.message import PushedMessage
from connectors.requests import Request, Response
from connectors.webhooks import Delivery, Told


class PushOptions(Options):
    """A `push` source has no options of its own."""


class PushConnector(Connector[PushOptions]):
    """Reads what systems of your own pushed. An id is unique within its source."""

    name: ClassVar[str] = "push"
    platform: ClassVar[str] = "push"
    options_type: ClassVar[type[Options]] = PushOptions
    takes_messages: ClassVar[bool] = True

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 - whatever the brands are
        """None: there is nobody to ask."""
        return ()

    def plan(self, task: Task) -> Request:  # noqa: ARG002 - whatever it is
        """Refuse: nothing is asked for."""
        _nobody_to_ask()

    def parse(self, task: Task, response: Response) -> Page:  # noqa: ARG002 - whatever it is
        """Refuse: nothing was asked for."""
        _nobody_to_ask()

    def told(self, delivery: Delivery) -> Told:
        """The messages that a push holds; the API checked them when they came in.

        Raises:
            FormatChanged: it is no push of ours.
        """
        body = delivery.read()
        source, given = body.get("source"), body.get("mentions")
        if not isinstance(source, str) or not isinstance(given, list):
            msg = "this is no push: it needs a source and mentions"
            raise FormatChanged(msg)
        items: list[Item] = []
        rejected: list[Rejected] = []
        for each in given:
            raw: dict[str, Json] = {"source": source, "mention": each}
            try:
                items.append(_item(raw))
            except FormatChanged as error:
                rejected.append(Rejected(str(error), raw))
        return Told(page=Page(items=tuple(items), rejected=tuple(rejected)))

    def reparse(self, raw: Json, namespace: str | None, query: Query) -> Item:  # noqa: ARG002 - the payload says it all
        """Read a kept message again.

        Raises:
            FormatChanged: it still cannot be read.
        """
        if not isinstance(raw, dict) or not isinstance(raw.get("source"), str):
            msg = "this is no message that was pushed"
            raise FormatChanged(msg)
        return _item(raw)


def _item(raw: dict[str, Json]) -> Item:
    try:
        return PushedMessage.model_validate(raw["mention"]).item(str(raw["source"]), raw)
    except (ValidationError, KeyError) as error:
        msg = f"the message cannot be read: {error}"
        raise FormatChanged(msg) from error


def _nobody_to_ask() -> NoReturn:
    msg = "nothing is asked for at a push source: messages come in through the API"
    raise BadRequest(msg)
