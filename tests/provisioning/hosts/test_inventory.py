"""Inventories are read by the real ansible-inventory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from provisioning.here.place import Place
from provisioning.hosts.inventory import EXAMPLE, judge, known_variables, read
from provisioning.hosts.prices import Price

NOW = datetime(2027, 5, 1, tzinfo=UTC)


def written(folder: Path, text: str) -> Path:
    file = folder / "hosts.yml"
    file.write_text(text)
    return file


def hosts(folder: Path, variables: str = "", more: str = "") -> Path:
    return written(
        folder,
        f"workshop_hosts:\n  hosts:\n    a: {{ansible_host: 192.0.2.1{more}}}\n    b:\n"
        f"  vars:\n    workshop_name: pycon\n{variables}",
    )


def problem(path: Path | None, now: datetime = NOW) -> Problem:
    with pytest.raises(Problem) as caught:
        judge(read(path), now)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_hosts_have_the_variables_that_ansible_gives_them(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "workshop_hosts.yml").write_text("workshop_hourly_price: 0.98 USD\n")
    inventory = read(hosts(tmp_path, '    workshop_expires: "2027-05-14T18:00:00+02:00"\n'))
    judge(inventory, NOW)
    assert [(host.name, host.address) for host in inventory.hosts] == [("a", "192.0.2.1"), ("b", "b")]
    assert inventory.workshop == "pycon"
    assert inventory.expires == datetime(2027, 5, 14, 16, tzinfo=UTC)
    assert [str(host.price) for host in inventory.hosts] == ["0.98 USD", "0.98 USD"]
    assert inventory.secrets == Place.from_environment().state / "provision" / "pycon"


def test_hosts_of_groups_below_the_group_count(tmp_path: Path) -> None:
    inventory = read(written(tmp_path, "workshop_hosts:\n  children:\n    big:\n      hosts: {x: , y: }\n"))
    assert inventory.names == ["x", "y"]


def test_without_an_inventory_the_way_to_begin_is_told(tmp_path: Path) -> None:
    for path in (None, tmp_path / "hosts.yml"):
        assert problem(path).do == "cp provisioning/ansible/hosts.example.yml hosts.yml, and fill in your hosts"


def test_the_example_is_a_good_inventory() -> None:
    judge(read(EXAMPLE), NOW)


def test_a_file_that_ansible_cannot_read_is_told_with_its_words(tmp_path: Path) -> None:
    assert "hosts.yml cannot be read as an inventory:\n" in problem(written(tmp_path, "a: [\n")).found


@pytest.mark.parametrize("text", ["all: {hosts: {a: }}", "workshop_hosts: {hosts: {}}"])
def test_the_group_has_to_be_there_and_to_have_hosts(tmp_path: Path, text: str) -> None:
    assert problem(written(tmp_path, text)).found.endswith("hosts.yml has no host in a group workshop_hosts")


def test_a_variable_that_nothing_reads_is_refused_with_the_one_that_was_meant(tmp_path: Path) -> None:
    found = problem(hosts(tmp_path, "    workshop_gpu_slot: 2\n"))
    assert found.found == "hosts.yml sets workshop_gpu_slot, which nothing reads"
    assert found.do == "workshop_gpu_slot: did you mean workshop_gpu_slots?"


def test_all_variables_of_the_roles_are_known() -> None:
    assert {"workshop_name", "workshop_tls", "workshop_driver_branch", "workshop_hourly_price"} <= known_variables()


def test_a_workshop_that_has_ended_is_not_set_up(tmp_path: Path) -> None:
    path = hosts(tmp_path, '    workshop_expires: "2027-05-14T18:00:00+02:00"\n')
    judge(read(path), datetime(2027, 5, 14, 15, 59, tzinfo=UTC))
    found = problem(path, datetime(2027, 5, 14, 16, tzinfo=UTC))
    assert found.found.startswith("the workshop pycon ended at 2027-05-14 18:00")
    assert found.do == "./workshop provision extend 8h -i hosts.yml"


@pytest.mark.parametrize("moment", ['"2027-05-14T18:00:00"', "tomorrow", '"{{ later }}"', "2027-05-14"])
def test_an_end_without_date_time_and_zone_is_refused(tmp_path: Path, moment: str) -> None:
    assert "workshop_expires" in problem(hosts(tmp_path, f"    workshop_expires: {moment}\n")).found


def test_one_inventory_is_one_workshop(tmp_path: Path) -> None:
    found = problem(hosts(tmp_path, more=", workshop_name: other"))
    assert found.found == "workshop_name is 'other' and 'pycon'"


@pytest.mark.parametrize("name", ["", "Py Con", "../x", "9lives"])
def test_a_name_that_cannot_be_part_of_names_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f'workshop_hosts: {{hosts: {{a: {{workshop_name: "{name}"}}}}}}')
    assert problem(path).found == f"workshop_name is {name!r}"


def test_a_price_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    inventory = read(hosts(tmp_path, "    workshop_hourly_price: cheap\n"))
    with pytest.raises(Problem, match="the price 'cheap' cannot be read"):
        _ = inventory.hosts[0].price


def test_secrets_are_kept_where_the_inventory_says_and_readable_by_one_user(tmp_path: Path) -> None:
    inventory = read(hosts(tmp_path, "    workshop_controller_dir: of/pycon\n"))
    assert inventory.secrets == tmp_path / "of" / "pycon"
    assert [folder.stat().st_mode & 0o777 for folder in (tmp_path / "of", inventory.secrets)] == [0o700, 0o700]


def test_no_price_is_no_guess(tmp_path: Path) -> None:
    assert read(hosts(tmp_path)).hosts[0].price is None
    assert Price.read("1 EUR").times(24) == Price.read("24 EUR")
