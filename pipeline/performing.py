"""One action with all of its calls: some platforms prepare in one call what the next makes public.

Only the last call of an action does something that others can see (`ActionResult.next`), so what fails before it left
nothing behind. Still the caller handles it as any failed try: whether a call was the last one is known only from its
answer. Does not know the outbox, nor what follows from an error.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from connectors.contract import Action, ActionKind, ActionResult, Connector, Options
from connectors.errors import AuthExpired, FormatChanged
from connectors.requests import Request, Response
from pipeline.fetch import Fetcher
from pipeline.line import secrets_of
from pipeline.logins import Logins
from pipeline.metering import Purse, once
from pipeline.settings import SourceSettings

MOST_CALLS = 8
"""Calls of one action. Publishing takes two or three; a thread that needs more pages is read as far as this."""


@dataclass(frozen=True, slots=True)
class Performed:
    """What came of an action.

    Attributes:
        result: of all answers together.
        response: the last answer.
        whole: False when a thread goes on after the last page that was read.
    """

    result: ActionResult
    response: Response
    whole: bool = True


class Performing:
    """Performs actions of one connector.

    Args:
        fetcher: performs requests by kind.
        logins: keeps the connector's login alive.
        source: whose connector it is.
        connector: says them and reads their answers.
        purse: pays for calls that have a price.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        logins: Logins,
        source: SourceSettings,
        connector: Connector[Options],
        purse: Purse,
    ) -> None:
        self._fetcher = fetcher
        self._logins = logins
        self._source = source
        self._connector = connector
        self._purse = purse
        self._stamp = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values kept out of errors and logs."""
        return (*secrets_of(self._connector.options), *self._logins.secrets(self._source.id))

    async def log_in(self) -> None:
        """Give the connector its login, before it is asked for a request.

        Raises:
            ConnectorError: there is no login to work with; nothing has gone out.
        """
        await self._logins.ready(self._source, self._connector, self._ask)
        self._stamp = self._logins.stamp(self._source, self._connector)

    async def perform(self, action: Action, request: Request) -> Performed:
        """Make an action's calls; where the login ran out, it is renewed once and the action begins anew.

        Args:
            action: what is wished.
            request: what the connector's `act` gave for it.

        Raises:
            BudgetExhausted: a call costs more than is left; it was not made.
            ConnectorError: a call failed, or the platform wants more calls than any write takes.
        """
        try:
            return await self._calls(action, request)
        except AuthExpired:
            if self._connector.refresh() is None:
                raise
        await self._logins.renew(self._source, self._connector, self._ask, stamp=self._stamp)
        self._stamp = self._logins.stamp(self._source, self._connector)
        return await self._calls(action, self._connector.act(action))

    async def _calls(self, action: Action, request: Request) -> Performed:
        so_far = ActionResult()
        for _ in range(MOST_CALLS):
            async with self._purse.paying(request) as bill:
                response = await self._ask(once(request))
                bill.answered = True
                result = await asyncio.to_thread(self._connector.acted, action, response)
                bill.spent = result.spent
            await self._logins.keep(self._source, self._connector)
            so_far = together(so_far, result)
            if result.next is None:
                return Performed(so_far, response)
            request = result.next
        if action.kind is ActionKind.FETCH_THREAD:
            return Performed(so_far, response, whole=False)
        msg = f"{self._connector.platform} wants more than {MOST_CALLS} calls for one action; it was left off there"
        raise FormatChanged(msg)

    async def _ask(self, request: Request) -> Response:
        hosts = self._connector.hosts()
        return await self._fetcher.fetch(request, secrets=self.secrets, private_hosts=hosts)


def together(first: ActionResult, second: ActionResult) -> ActionResult:
    """Two answers of one action as one, in their order; `next` is the second's. Pure."""
    spent = [each.spent for each in (first, second) if each.spent is not None]
    names = {name for each in spent for name in each}
    return replace(
        second,
        items=(*first.items, *second.items),
        deleted=(*first.deleted, *second.deleted),
        parent=second.parent or first.parent,
        held_for_moderation=first.held_for_moderation or second.held_for_moderation,
        spent={name: sum(each.get(name, 0) for each in spent) for name in names} if spent else None,
    )
