"""The listening socket."""

import socket

import pytest

from ops.sockets import address, listen
from settings import BadConfiguration


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_its_address_can_be_called_as_it_is_told(host):
    with listen(host, 0) as listening:
        told = address(listening)
        port = int(told.rpartition(":")[2])
        assert told == f"http://{f'[{host}]' if ':' in host else host}:{port}"
        with socket.create_connection((host, port), 5):
            pass


def test_a_caller_waits_for_whoever_serves_it_next():
    """Nobody accepts yet: during a restart she is in the queue instead of refused."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname(), 5) as caller:
        caller.sendall(b"hello")
        served, _ = listening.accept()
        with served:
            assert served.recv(5) == b"hello"


def test_a_port_that_is_taken_is_an_error_at_once():
    with listen("127.0.0.1", 0) as first, pytest.raises(BadConfiguration, match="用不了"):
        listen("127.0.0.1", first.getsockname()[1])
