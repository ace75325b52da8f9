"""What the checks of a host are told, for hosts that an inventory says little or much about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.problem import ExitCode, Problem
from provisioning.hosts import inventory
from provisioning.hosts.checks.host import Expected
from provisioning.hosts.expectations import Expectation, expectations
from provisioning.hosts.inventory import Inventory


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_STATE", str(tmp_path / "state"))


def listed(tmp_path: Path, **variables: Any) -> Inventory:
    file = tmp_path / "hosts with a space.yml"
    host = {"ansible_host": "192.0.2.11", "workshop_name": "pycon", **variables}
    file.write_text(yaml.safe_dump({"workshop_hosts": {"hosts": {"gpu-1": host}}}))
    return inventory.read(file)


def expectation(tmp_path: Path, **variables: Any) -> Expectation:
    return expectations(listed(tmp_path, **variables))["gpu-1"]


def expected(tmp_path: Path, **variables: Any) -> Expected:
    return Expected.from_json(expectation(tmp_path, **variables).as_json(sessions=8, rehearse=2))


def test_a_host_of_which_nothing_is_said_is_judged_by_the_roles_defaults(tmp_path: Path) -> None:
    wanted = expected(tmp_path)
    assert (wanted.name, wanted.address, wanted.url, wanted.tls) == (
        "gpu-1",
        "192.0.2.11",
        "https://192.0.2.11",
        "internal",
    )
    assert wanted.ca_file == str(tmp_path / "state/provision/pycon/authority/ca.pem")
    assert (wanted.gpu_slots, wanted.lab_image) == ("", "gilfree/lab:3.13t-gpu")
    assert wanted.images == {"gilfree/hub:latest": "", "gilfree/proxy:latest": "", "gilfree/lab:3.13t-gpu": ""}
    assert wanted.open_ports == (22, 80, 443)
    assert (wanted.sessions, wanted.rehearse, wanted.expires, wanted.poweroff) == (8, 2, "", False)


def test_another_python_is_another_image(tmp_path: Path) -> None:
    wanted = expected(tmp_path, workshop_lab_python="3.14t", workshop_lab_target="cpu")
    assert wanted.lab_image == "gilfree/lab:3.14t-cpu"
    assert wanted.lab_image in wanted.images


def test_labs_on_the_cpu_need_no_gpu_unless_slots_are_named(tmp_path: Path) -> None:
    assert expected(tmp_path, workshop_lab_target="cpu").gpu_slots == "none"
    assert expected(tmp_path, workshop_lab_target="cpu", workshop_gpu_slots="").gpu_slots == "none"
    assert expected(tmp_path, workshop_lab_target="cpu", workshop_gpu_slots="2").gpu_slots == "2"


@pytest.mark.parametrize("off", ["off", False])
def test_without_tls_the_hub_is_on_the_hosts_own_address_and_no_web_port_is_open(tmp_path: Path, off: object) -> None:
    wanted = expected(tmp_path, workshop_tls=off, ansible_port=2222, workshop_open_ports=[9100])
    assert (wanted.tls, wanted.url, wanted.ca_file) == ("off", "http://127.0.0.1:8000", "")
    assert wanted.open_ports == (2222, 9100)


def test_a_domain_is_where_browsers_go_and_the_address_is_what_is_knocked_at(tmp_path: Path) -> None:
    wanted = expected(tmp_path, workshop_tls="acme", workshop_domain="gpu1.example.org")
    assert (wanted.url, wanted.address, wanted.ca_file) == ("https://gpu1.example.org", "192.0.2.11", "")


def test_an_address_of_version_6_is_one_in_a_url_too(tmp_path: Path) -> None:
    assert expectation(tmp_path, ansible_host="2001:db8::7").url == "https://[2001:db8::7]"


def test_this_machine_is_its_own_outside(tmp_path: Path) -> None:
    assert expected(tmp_path, ansible_connection="local").address == "127.0.0.1"


def test_digests_of_a_registry_and_the_end_are_passed_on(tmp_path: Path) -> None:
    digest = f"sha256:{'a' * 64}"
    wanted = expected(
        tmp_path,
        workshop_image_digests={"gilfree/hub:latest": digest},
        workshop_expires="2037-05-14T18:00:00+02:00",
        workshop_expiry_poweroff=True,
    )
    assert wanted.images["gilfree/hub:latest"] == digest
    assert (wanted.expires, wanted.poweroff) == ("2037-05-14T18:00:00+02:00", True)


def test_only_the_digests_of_this_hosts_images_are_asked_for(tmp_path: Path) -> None:
    digests = {"gilfree/lab:3.13t-gpu": f"sha256:{'b' * 64}"}
    wanted = expected(tmp_path, workshop_lab_target="cpu", workshop_image_digests=digests)
    assert set(wanted.images) == {"gilfree/hub:latest", "gilfree/proxy:latest", "gilfree/lab:3.13t-cpu"}


def test_what_seats_are_planned_by_is_settled_too(tmp_path: Path) -> None:
    usual = expectation(tmp_path)
    assert (usual.lab_memory, usual.spare_percent, set(usual.files.values())) == ("2G", 10, {""})
    own = expectation(tmp_path, workshop_lab_memory="1500M", workshop_seats_spare_percent="25", workshop_cloud="c.yml")
    assert (own.lab_memory, own.spare_percent, own.files["workshop_cloud"]) == ("1500M", 25, "c.yml")


def test_templates_in_the_inventory_are_filled_in(tmp_path: Path) -> None:
    wanted = expectation(
        tmp_path,
        shared="example.org",
        workshop_domain="{{ inventory_hostname }}.{{ shared }}",
        workshop_gpu_slots="{{ 1 + 1 }}",
        ansible_ssh_private_key_file="{{ shared }}/key",
    )
    assert (wanted.url, wanted.gpu_slots) == ("https://gpu-1.example.org", "2")
    assert wanted.files["ansible_ssh_private_key_file"] == "example.org/key"


def test_a_template_that_cannot_be_filled_in_is_a_usage_error_that_names_host_and_reason(tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        expectation(tmp_path, workshop_domain="{{ nowhere }}.example.org")
    assert raised.value.exit_code is ExitCode.USAGE
    assert "hosts with a space.yml does not say what its hosts should be:\ngpu-1: " in raised.value.found
    assert "'nowhere' is undefined" in raised.value.found


def test_no_host_is_connected_to(tmp_path: Path) -> None:
    """Nothing answers at that port: whoever connected would fail."""
    assert expectation(tmp_path, ansible_host="127.0.0.1", ansible_port=1).url == "https://127.0.0.1"
