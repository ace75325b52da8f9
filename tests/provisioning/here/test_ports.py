"""Free ports are found, and a taken one is named with who holds it."""

import os
import socket
from collections.abc import Iterator

import pytest

from provisioning.here.ports import LAST_PORT, free_ports, holder, is_free


@pytest.fixture(params=["127.0.0.1", "0.0.0.0"])
def taken(request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server((request.param, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_with_a_listener_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_the_holder_is_named_with_its_pid(taken: int) -> None:
    assert f"(pid {os.getpid()})" in holder(taken)


def test_a_listener_on_ipv6_is_named_too() -> None:
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert f"(pid {os.getpid()})" in holder(port)


def test_a_port_that_nobody_holds_has_no_name() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert is_free(port)
    assert holder(port) == "a process that cannot be seen from here"


def test_free_ports_leave_taken_ones_out(taken: int) -> None:
    found = free_ports(taken, 3)
    assert len(found) == 3
    assert taken not in found
    assert found == sorted(found)


def test_there_are_no_ports_above_the_last() -> None:
    assert len(free_ports(LAST_PORT, 2)) <= 1
    assert free_ports(LAST_PORT + 1, 2) == []
