"""Hosts that the play has made: every check passes there, through real logins too, and names what is broken."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from foundation.model import Status
from foundation.problem import ExitCode
from provisioning.hosts import inventory, matrix, matrix_text, seats
from provisioning.hosts.expectations import expectations
from provisioning.hosts.matrix import Matrix
from provisioning.hosts.seating import make_codes
from provisioning.hub_client.client import VisitError
from provisioning.hub_client.visitor import Visitor
from tests.hosts.play import Play, Played
from tests.hosts.rig import Host, wait_for

pytestmark = pytest.mark.timeout(1800)


@dataclass
class Class:
    """The hosts of the play's inventory, and what they should be."""

    play: Play
    listed: inventory.Inventory

    def expected(self, **more: Any) -> dict[str, dict[str, Any]]:
        own = {"ca_file": str(self.play.secrets / "authority" / "ca.pem"), **more}
        return {name: {**each.as_json(), **own} for name, each in expectations(self.listed).items()}

    def asked(self, *words: str, **more: Any) -> Matrix:
        return matrix.gather(self.listed.workshop, self.expected(**more), words)

    def log_in(self, seat: seats.Seat) -> None:
        """Raises VisitError if the seat's host does not let its holder in."""
        ca_file = str(self.play.secrets / "authority" / "ca.pem")

        async def go() -> None:
            async with Visitor(expectations(self.listed)[seat.host].url, seat.name, seat.code, ca_file) as holder:
                await holder.log_in()

        asyncio.run(go())


@pytest.fixture(scope="module")
def ready(applied: Played, play: Play, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    assert applied.code == 0, applied.end
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKSHOP_STATE", str(tmp_path_factory.mktemp("state")))
        yield Class(play, inventory.read(play.folder / "hosts.yml"))
    shutil.rmtree(play.secrets / "seats", ignore_errors=True)
    for host in play.hosts.values():  # as it was: everybody has the class password
        host.said("rm -f $(docker volume inspect --format '{{.Mountpoint}}' gilfree_hub)/seats.json")


def faults(found: Matrix) -> dict[tuple[str, str], str]:
    return {(host, result.code): result.found for host, result in found.faults()}


def test_every_check_passes_on_every_host_up_to_a_gpu_in_a_session(ready: Class) -> None:
    found = ready.asked()
    assert found.exit_code is ExitCode.PASS, matrix_text.text_of(found)
    for host in found.reports:
        skipped = [each.code for each in found.reports[host].results if each.status is not Status.PASS]
        assert skipped == ["host.rehearsal"], matrix_text.text_of(found)
        session = found.result(host, "host.session")
        assert session is not None
        assert "GIL off, NVIDIA Fake" in session.found


def test_seats_come_to_their_hosts_and_let_in_who_has_the_card_and_nobody_else(ready: Class, play: Play) -> None:
    folder = play.secrets / "seats"
    hosts = ready.listed.names
    plan = seats.with_codes(seats.arrange((), ["Ada", "Bob"], dict.fromkeys(hosts, 1), 0), [], make_codes)
    seats.write(folder, plan, hosts)
    assert {seat.host for seat in plan} == set(hosts)
    first = play.run("--tags", "seats")
    assert first.code == 0, first.end
    ada, bob = plan
    ready.log_in(ada)
    ready.log_in(bob)
    with pytest.raises(VisitError, match="is not let in"):
        ready.log_in(seats.Seat(name=ada.name, code=bob.code, host=ada.host))
    with pytest.raises(VisitError, match="is not let in"):
        ready.log_in(seats.Seat(name=ada.name, code=ada.code, host=bob.host))

    again = seats.with_codes(plan, [ada.name], make_codes)
    seats.write(folder, again, hosts)
    second = play.run("--tags", "seats")
    assert {host: tally.changed for host, tally in second.hosts.items()} == {ada.host: 1, bob.host: 0}, second.end
    with pytest.raises(VisitError, match="is not let in"):
        ready.log_in(ada)
    ready.log_in(again[0])
    ready.log_in(bob)
    assert not any(seat.code in f"{first.said}{second.said}" for seat in (*plan, *again))


def test_a_driver_that_was_upgraded_since_the_boot_is_one_red_line(ready: Class, bare: Host) -> None:
    bare.said("cp /etc/fake-driver /run/fake-driver; cp /usr/local/sbin/modinfo /run/modinfo")
    bare.said("printf '#!/bin/sh\\necho 581.1.1\\n' >/usr/local/sbin/modinfo")
    try:
        found = faults(ready.asked("host.gpu"))
    finally:
        bare.said("cp /run/modinfo /usr/local/sbin/modinfo")
    assert found == {("bare", "host.driver"): "driver 580.95.05 is loaded, 581.1.1 is installed"}


def test_a_forgotten_open_port_and_a_disarmed_end_are_found(ready: Class, settled: Host) -> None:
    hole = "INPUT --protocol tcp --dport 8081 --jump ACCEPT"
    settled.said(f"systemd-run --quiet --unit=forgotten python3 -m http.server 8081; iptables --insert {hole}")
    settled.said("systemctl stop workshop-expiry.timer")
    try:
        wait_for(lambda: ":8081" in settled.said("ss -Hltn"), "a server", settled)
        found = faults(ready.asked("host.ports", "host.expiry"))
    finally:
        settled.said(f"systemctl stop forgotten; iptables --delete {hole}; systemctl start workshop-expiry.timer")
    assert found == {
        ("settled", "host.ports_closed"): f"{settled.address} answers at 8081",
        ("settled", "host.expiry"): "workshop-expiry.timer is inactive",
    }


def test_an_image_that_was_exchanged_and_a_hub_that_is_down_are_found(ready: Class, bare: Host) -> None:
    bare.said("docker tag gilfree/hub:latest gilfree/kept; docker tag gilfree/proxy:latest gilfree/hub:latest")
    try:
        exchanged = faults(ready.asked("host.images"))
    finally:
        bare.said("docker tag gilfree/kept gilfree/hub:latest; docker rmi gilfree/kept")
    assert [key for key in exchanged if key[0] == "bare"] == [("bare", "host.images")]
    bare.said("docker stop gilfree-proxy-1")
    try:
        down = faults(ready.asked("host.hub"))
    finally:
        bare.said("docker start gilfree-proxy-1")
    assert set(down) == {("bare", "host.hub")}
    assert "refused" in down["bare", "host.hub"]


def test_a_certificate_that_this_machine_does_not_trust_is_found(ready: Class, tmp_path: Path) -> None:
    found = faults(ready.asked("host.hub", ca_file=""))
    assert all("certificate verify failed" in said for said in found.values())
    assert len(found) == len(ready.listed.hosts)
