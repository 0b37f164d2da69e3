"""What every line of work of one source needs: its options, its calls, its login, and what a post can cost it."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.x import prices
from connectors.x.calls import Calls
from connectors.x.login import Login
from connectors.x.options import XOptions
from connectors.x.reading import Us
from connectors.x.summons import Account


@dataclass(frozen=True, slots=True)
class House:
    """What every line of work needs."""

    options: XOptions
    calls: Calls
    login: Login

    @property
    def us(self) -> Us:
        """Our account, and whether it is connected."""
        account = Account(self.options.account_id, self.options.account)
        return Us(account, can_act=self.login.user is not None, max_length=self.options.max_length)

    @property
    def owned(self) -> float:
        """What a post on our own account's lists costs: less where the account owns the app and asks by itself."""
        cheap = self.options.owns_app and self.login.user is not None
        return prices.OWNED if cheap else prices.POST

    def unit(self, post: float) -> float:
        """The most one post of an answer can cost, with what comes along."""
        if self.options.fields == "post":  # the new names bring the answered user and up to two posts along
            return post + 2 * prices.USER + 2 * prices.POST
        return post + prices.USER
