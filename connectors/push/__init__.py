"""Messages that systems of your own push through the API. The way in is `PushConnector`."""

from connectors.push.connector import PushConnector
from connectors.push.message import PushedMessage

__all__ = ["PushConnector", "PushedMessage"]
