"""The Telegram connector: what is written to a bot, in private and in groups (docs/connectors/telegram.md)."""

from connectors.telegram.bot import TelegramOptions
from connectors.telegram.connector import Telegram

__all__ = ["Telegram", "TelegramOptions"]
