"""From rented to given back, by the command's own words, against a local EC2."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from foundation.processes import PROC
from provisioning.here.place import CLONE
from provisioning.hosts.command import main
from provisioning.hosts.inventory import judge, now, read
from provisioning.hosts.lifetime import moved, rewrite_end
from tests.provisioning.hosts.providers.clouds import SECRET, WriteCloud

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def cloud_yml(write_cloud: WriteCloud, ec2: dict[str, object]) -> Path:
    return write_cloud(**ec2, variables={"ansible_user": "ubuntu"})


@pytest.fixture
def hosts_yml(tmp_path: Path) -> Path:
    return tmp_path / "hosts.yml"


@pytest.fixture
def rented(cloud_yml: Path, hosts_yml: Path) -> Path:
    """The inventory of two hosts that are rented."""
    assert main(["create", "-c", str(cloud_yml), "-o", str(hosts_yml), "--yes"]) == ExitCode.PASS
    return hosts_yml


Said = Callable[[], str]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    return lambda: capsys.readouterr().out


def test_the_cost_is_told_before_anything_is_rented_and_nobody_is_asked_without_a_terminal(
    cloud_yml: Path, hosts_yml: Path, said: Said
) -> None:
    with pytest.raises(Problem, match="nobody is here to ask"):
        main(["create", "-c", str(cloud_yml), "-o", str(hosts_yml)])
    told = said()
    assert told.startswith("2 x g4dn.xlarge at ec2, until Thu 2099-05-14 18:00 UTC+02:00, in ")
    assert "Cost:    1.40 USD an hour, " in told
    assert main(["list", "-c", str(cloud_yml)]) == ExitCode.PASS
    assert said() == "Nothing is rented that carries a label `workshop`.\n"


def test_what_is_rented_is_an_inventory_that_can_be_applied(rented: Path) -> None:
    inventory = read(rented)
    judge(inventory, now())
    assert inventory.names == ["pycon-1", "pycon-2"]
    first = inventory.hosts[0]
    assert first.address
    assert first.text("ansible_user") == "ubuntu"
    assert first.text("workshop_expiry_poweroff") == "True"
    assert str(first.price) == "0.70 USD"


def test_rented_hosts_are_listed_with_their_end_and_what_they_cost(rented: Path, said: Said) -> None:
    said()
    assert main(["list", "-i", str(rented)]) == ExitCode.PASS
    first, second, cost = said().splitlines()
    assert first.startswith("pycon                pycon-1 ")
    assert first.endswith("0.70 USD")
    assert "until Thu 2099-05-14 18:00" in second
    assert cost == "Cost:    1.40 USD an hour"


def test_all_are_given_back_without_an_inventory(rented: Path, cloud_yml: Path, said: Said) -> None:
    rented.unlink()
    assert main(["destroy", "-c", str(cloud_yml), "--yes"]) == ExitCode.PASS
    assert said().endswith("All hosts of pycon are given back: none is left.\n")
    assert main(["destroy", "-c", str(cloud_yml), "--yes"]) == ExitCode.PASS
    assert said() == "Nothing is left to give back.\n"


def test_an_inventory_knows_by_what_its_hosts_were_rented(rented: Path, said: Said) -> None:
    assert main(["destroy", "-i", str(rented), "--yes"]) == ExitCode.PASS
    assert "none is left" in said()


def test_created_again_nothing_more_is_rented(rented: Path, cloud_yml: Path, said: Said) -> None:
    before = read(rented).hosts
    assert main(["create", "-c", str(cloud_yml), "-o", str(rented), "--yes"]) == ExitCode.PASS
    told = said()
    assert "pycon-1 is there already" in told
    assert "From now on they cost 1.40 USD an hour.\n" in told
    assert read(rented).hosts == before


def test_an_inventory_of_own_hosts_is_not_overwritten(cloud_yml: Path, hosts_yml: Path) -> None:
    text = "workshop_hosts: {hosts: {a: {workshop_name: pycon}}}\n"
    hosts_yml.write_text(text)
    with pytest.raises(Problem, match="not of rented hosts"):
        main(["create", "-c", str(cloud_yml), "-o", str(hosts_yml), "--yes"])
    assert hosts_yml.read_text() == text


def test_hosts_that_were_not_rented_are_not_destroyed(hosts_yml: Path) -> None:
    hosts_yml.write_text("workshop_hosts: {hosts: {a: {workshop_name: pycon}}}\n")
    with pytest.raises(Problem) as caught:
        main(["destroy", "-i", str(hosts_yml), "--yes"])
    assert caught.value.exit_code is ExitCode.USAGE


def test_own_hosts_are_listed_with_their_price(hosts_yml: Path, said: Said) -> None:
    hosts_yml.write_text(
        "workshop_hosts:\n  hosts: {a: {ansible_host: 192.0.2.1, workshop_hourly_price: 2 EUR}, b: }\n"
        "  vars: {workshop_name: pycon}\n"
    )
    assert main(["list", "-i", str(hosts_yml)]) == ExitCode.PASS
    assert said().splitlines() == [
        "Workshop pycon, 2 hosts, with no end (workshop_expires)",
        "a                    192.0.2.1        2.00 EUR",
        "b                    b                price not known",
        "Cost:    2.00 EUR an hour; not known for 1 of 2 hosts",
    ]


def test_the_end_of_rented_hosts_is_moved_in_labels_and_file(cloud_yml: Path, rented: Path, said: Said) -> None:
    assert main(["extend", "2099-05-15T18:00:00+02:00", "-c", str(cloud_yml)]) == ExitCode.PASS
    assert "2 rented hosts are labelled: until Fri 2099-05-15 18:00" in said()
    assert main(["list", "-c", str(cloud_yml)]) == ExitCode.PASS
    assert said().count("until Fri 2099-05-15 18:00 UTC+02:00") == 2
    assert '"2099-05-15T18:00:00+02:00"' in cloud_yml.read_text()


@pytest.mark.parametrize(("typed", "left"), [("no\n", 2), ("\x04", 2), ("pycon\n", 0)])
def test_nothing_is_given_back_before_the_workshops_name_is_typed(
    rented: Path, cloud_yml: Path, typed: str, left: int, said: Said
) -> None:
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, typed.encode())
        done = subprocess.run(
            [sys.executable, "-P", "-m", "provisioning.hosts", "destroy", "-i", str(rented)],
            env={**os.environ, "PYTHONPATH": str(CLONE)},
            stdin=terminal,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert done.returncode == (1 if left else 0), done.stderr
    assert "All of them end, with what is on them. Type pycon to go on: " in done.stdout
    said()
    main(["list", "-c", str(cloud_yml)])
    assert said().count("pycon-") == left


def test_a_provider_that_refuses_leaves_the_end_as_it_was(write_cloud: WriteCloud) -> None:
    options = {"region": "eu-central-1", "host": "127.0.0.1", "port": 1, "secure": False}
    cloud = write_cloud(driver="ec2", options=options)
    before = cloud.read_text()
    with pytest.raises(Problem, match="ec2 refused"):
        main(["extend", "2h", "-c", str(cloud)])
    assert cloud.read_text() == before


def test_a_wrong_secret_or_place_is_told_without_the_secret(write_cloud: WriteCloud, hosts_yml: Path) -> None:
    options = {"region": "eu-central-1", "host": "127.0.0.1", "port": 1, "secure": False}
    with pytest.raises(Problem) as caught:
        main(["list", "-c", str(write_cloud(driver="ec2", options=options))])
    assert "ec2 refused: " in caught.value.found
    assert SECRET not in str(caught.value)


def test_interrupted_it_tells_what_is_paid_for_and_how_to_end_that(
    cloud_yml: Path, hosts_yml: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(text: str) -> None:
        if text.startswith("pycon-1 is rented"):
            raise KeyboardInterrupt

    monkeypatch.setattr("provisioning.hosts.lifetime._say", interrupt)
    with pytest.raises(KeyboardInterrupt):
        main(["create", "-c", str(cloud_yml), "-o", str(hosts_yml), "--yes"])
    told = capsys.readouterr().err
    assert "rented so far, and paid for: pycon-1 (i-" in told
    assert f"./workshop provision destroy -c {cloud_yml}" in told
    assert not hosts_yml.exists()


def test_the_secret_is_in_no_argument_no_environment_no_output_and_no_file(
    cloud_yml: Path, hosts_yml: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    words = ["create", "-c", str(cloud_yml), "-o", str(hosts_yml), "--yes"]
    command = [sys.executable, "-P", "-m", "provisioning.hosts", *words]
    environment = {**os.environ, "PYTHONPATH": str(CLONE), "WORKSHOP_STATE": str(state)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        assert running.stdout
        seen = b""
        for line in running.stdout:
            process = PROC / str(running.pid)
            seen += line + (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert running.returncode == 0
    assert b"pycon-2 is rented" in seen
    assert SECRET.encode() not in seen
    files = [file for file in tmp_path.rglob("*") if file.is_file() and SECRET in file.read_text(errors="replace")]
    assert files == [tmp_path / "credentials"]


@pytest.mark.parametrize(
    ("until", "end", "result"),
    [
        ("2h", NOW + timedelta(hours=1), NOW + timedelta(hours=3)),
        ("1d", NOW - timedelta(days=9), NOW + timedelta(days=1)),
        ("3h", None, NOW + timedelta(hours=3)),
        ("2027-05-01T20:00:00+00:00", NOW, NOW + timedelta(hours=8)),
    ],
)
def test_the_new_end_is_a_moment_or_a_while_after_the_old_one(
    until: str, end: datetime | None, result: datetime
) -> None:
    assert moved(until, end, NOW) == result


@pytest.mark.parametrize("until", ["2027-05-01T11:00:00+00:00", "soon", "-2h", "2027-05-09", ""])
def test_an_end_that_is_over_or_is_none_is_refused(until: str) -> None:
    with pytest.raises(Problem):
        moved(until, None, NOW)


def test_only_the_end_is_rewritten(tmp_path: Path) -> None:
    file = tmp_path / "hosts.yml"
    file.write_text('a: 1 # x\n  workshop_expires: "2027-05-01T11:00:00+00:00" # the end\nb: 2\n')
    rewrite_end(file, NOW)
    assert file.read_text() == 'a: 1 # x\n  workshop_expires: "2027-05-01T12:00:00+00:00" # the end\nb: 2\n'


@pytest.mark.parametrize("text", ["a: 1\n", "workshop_expires: x\nworkshop_expires: y\n"])
def test_a_file_that_does_not_say_the_end_once_is_left_to_the_person(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hosts.yml"
    file.write_text(text)
    with pytest.raises(Problem, match="lines workshop_expires"):
        rewrite_end(file, NOW)
    assert file.read_text() == text
