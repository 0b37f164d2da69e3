"""One port on which several processes listen, and what `klankbord` does before it listens at all."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

from klankbord.console import CommandError


@contextmanager
def shared(host: str, port: int) -> Iterator[socket.socket]:
    """A socket on a port that other processes may listen on too: the kernel deals connections out to them.

    Needs Linux (SO_REUSEPORT); elsewhere one of them may get all.
    """
    with socket.socket(_family(host), socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
        yield listening


def check_free(host: str, port: int, key: str) -> None:
    """Say before anything starts that a port is taken, rather than letting a part die over and over.

    Raises:
        CommandError: another program listens there.
    """
    if port == 0:
        return
    with closing(socket.socket(_family(host))) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            msg = (
                f"port {port} on {host} is taken ({error.strerror}); is Klankbord running already? "
                f"Otherwise choose another under `{key}:` in the configuration"
            )
            raise CommandError(msg) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
