"""What is open from outside, on hosts that leave a door open or keep one shut."""

from __future__ import annotations

import pytest

from checks.suite import Failed, Skipped
from provisioning.hosts.checks.host import Subject
from provisioning.hosts.checks.ports import gather_listening, ports_closed, ports_open
from tests.provisioning.hosts.checks.fakes import FakeHost, FakeOutside, subject_of

LISTENING = """\
LISTEN 0      128          0.0.0.0:22        0.0.0.0:*
LISTEN 0      4096       127.0.0.1:8000      0.0.0.0:*
LISTEN 0      4096   127.0.0.53%lo:53        0.0.0.0:*
LISTEN 0      511                *:9090            *:*
LISTEN 0      4096            [::]:443          [::]:*
LISTEN 0      128            [::1]:6010         [::]:*

127.0.0.1:8000->8000/tcp
0.0.0.0:5000-5001->5000-5001/tcp, [::]:5000-5001->5000-5001/tcp
8081/tcp
"""


def host(*open_ports: int, refused: tuple[int, ...] = ()) -> Subject:
    outside = FakeOutside(open_ports=open_ports, refused=refused)
    return subject_of({"ss --listening": LISTENING}, outside, open_ports=[22, 443])


def test_what_listens_for_others_is_found_containers_included() -> None:
    assert gather_listening(FakeHost({"ss --listening": LISTENING})) == {22, 443, 9090, 5000, 5001}


def test_a_host_with_the_right_doors_passes() -> None:
    assert ports_open.run(host(22, 443)) == "22, 443 at 192.0.2.7"
    assert ports_closed.run(host(22, 443)) == "7 ports asked, none answers"


def test_a_shut_door_is_named_and_whether_somebody_is_there() -> None:
    with pytest.raises(Failed, match=r"192\.0\.2\.7: 22 is refused, 443 is silent"):
        ports_open.run(host(refused=(22,)))


@pytest.mark.parametrize("port", [9090, 5001, 8001, 2375])
def test_an_open_door_that_nobody_wanted_is_named(port: int) -> None:
    with pytest.raises(Failed, match=rf"192\.0\.2\.7 answers at {port}"):
        ports_closed.run(host(22, 443, port))


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1"])
def test_a_machine_is_not_outside_of_itself(address: str) -> None:
    for check in (ports_open, ports_closed):
        with pytest.raises(Skipped, match="from another one only"):
            check.run(subject_of({}, address=address))
