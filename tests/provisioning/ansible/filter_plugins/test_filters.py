"""The small filters of the roles: names of variables, images, what runs, certificates, the end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from provisioning.ansible.filter_plugins.certificates import subject_name
from provisioning.ansible.filter_plugins.expiry import expiry_is_ahead, expiry_moment
from provisioning.ansible.filter_plugins.images import missing_images
from provisioning.ansible.filter_plugins.running import runs_as_wanted
from provisioning.ansible.filter_plugins.workshop_variables import role_options, unknown_variables
from tests.conftest import ROOT

ROLES = ROOT / "provisioning" / "ansible" / "roles"
NAMES = sorted(folder.name for folder in ROLES.iterdir())


def test_a_misspelt_variable_is_named_with_the_one_that_was_meant() -> None:
    unknown = unknown_variables(["workshop_name", "workshop_expire", "workshop_xyz"], role_options(str(ROLES)))
    assert unknown == ["workshop_expire (is workshop_expires meant?)", "workshop_xyz"]


@pytest.mark.parametrize("role", NAMES)
def test_a_roles_defaults_specification_and_readme_name_the_same_variables(role: str) -> None:
    [options] = [each["options"] for each in role_options(str(ROLES)) if each["role"] == role]
    defaults = yaml.safe_load((ROLES / role / "defaults/main.yml").read_text(encoding="utf-8")) or {}
    readme = (ROLES / role / "README.md").read_text(encoding="utf-8")
    assert set(defaults) <= set(options)
    assert [name for name in options if f"`{name}`" not in readme] == []
    named = [readme.index(f"`{name}`") for name in defaults]
    assert named == sorted(named)


@pytest.mark.parametrize("role", NAMES)
def test_only_ansibles_own_modules_are_used(role: str) -> None:
    words = {"block", "rescue", "vars", "when", "loop", "register", "become", "loop_control", "run_once", "name"}
    words |= {"delegate_to", "changed_when", "failed_when", "check_mode", "no_log", "throttle", "environment"}
    words |= {"until", "retries", "delay", "async", "poll", "diff", "ignore_errors"}
    for file in (ROLES / role / "tasks").glob("*.yml"):
        for task in _tasks(yaml.safe_load(file.read_text(encoding="utf-8"))):
            modules = [key for key in task if key not in words]
            assert all(key.startswith("ansible.builtin.") for key in modules), (file, modules)


def _tasks(listed: list[dict[str, object]]) -> list[dict[str, object]]:
    inner = [task for each in listed for part in ("block", "rescue") for task in _tasks(each.get(part, []))]  # type: ignore[arg-type]
    return [*listed, *inner]


def test_only_images_that_a_host_lacks_or_has_another_of_are_copied() -> None:
    wanted = {"hub": "sha256:aa", "proxy": "sha256:bb", "lab": "sha256:cc"}
    asked = [
        {"item": "hub", "rc": 0, "stdout": "sha256:aa"},
        {"item": "proxy", "rc": 0, "stdout": "sha256:old"},
        {"item": "lab", "rc": 1, "stdout": ""},
    ]
    assert [image["name"] for image in missing_images(wanted, asked)] == ["proxy", "lab"]


def test_what_runs_is_current_only_with_the_same_settings_and_image() -> None:
    wanted = ["hub h1", "proxy h2"]
    assert runs_as_wanted(["hub h1 gilfree/hub", "proxy h2 gilfree/proxy", "lab h9 gilfree/lab"], wanted)
    assert not runs_as_wanted(["hub h1 gilfree/hub"], wanted)
    assert not runs_as_wanted(["hub h0 gilfree/hub", "proxy h2 gilfree/proxy"], wanted)
    assert not runs_as_wanted(["hub h1 63324941e9c9", "proxy h2 gilfree/proxy"], wanted), "the name means another image"


@pytest.mark.parametrize(
    ("name", "subject"),
    [("lab.example.org", "DNS:lab.example.org"), ("192.0.2.1", "IP:192.0.2.1"), ("2001:db8::1", "IP:2001:db8::1")],
)
def test_names_and_addresses_are_told_apart_in_a_certificate(name: str, subject: str) -> None:
    assert subject_name(name) == subject


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-05-14T18:00:00+02:00", "2027-05-14 16:00:00 UTC"),
        ("2027-05-14 18:00:00Z", "2027-05-14 18:00:00 UTC"),
        ("2027-05-14T18:00:00", ""),  # of which zone?
        ("tomorrow", ""),
    ],
)
def test_the_end_is_a_moment_with_a_zone(text: str, moment: str) -> None:
    assert expiry_moment(text) == moment


def test_an_end_that_is_over_is_not_ahead() -> None:
    now = datetime(2027, 5, 14, 16, tzinfo=UTC)
    assert not expiry_is_ahead("2027-05-14 16:00:00 UTC", now)
    assert expiry_is_ahead("2027-05-14 16:00:01 UTC", now)


def test_every_role_of_the_play_is_there_and_every_one_there_is_played() -> None:
    [play] = yaml.safe_load((ROLES.parent / "site.yml").read_text(encoding="utf-8"))
    assert sorted(role["role"] for role in play["roles"]) == NAMES


def test_the_example_inventory_names_only_what_roles_read() -> None:
    example = yaml.safe_load(Path(ROLES.parent / "hosts.example.yml").read_text(encoding="utf-8"))["workshop_hosts"]
    given = [*example["vars"], *(name for host in example["hosts"].values() for name in host)]
    ours = [name for name in given if name.startswith("workshop_")]
    assert unknown_variables(ours, role_options(str(ROLES))) == []
