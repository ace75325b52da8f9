"""Which engine a host gets, and what becomes of the settings that it has."""

from __future__ import annotations

from typing import Any

import pytest

from provisioning.ansible.filter_plugins.engine import (
    engine_in_force,
    engine_plan,
    engine_settings,
    parsed_settings,
    settings_problem,
)


@pytest.mark.parametrize("version", ["25.0.3", "26.1.5", "29.1"])
def test_an_engine_that_knows_cdi_is_kept(version: str) -> None:
    assert engine_plan(version, "Debian", "12")["action"] == "keep"


def test_an_older_engine_is_refused_and_not_replaced() -> None:
    assert engine_plan("20.10.24", "Debian", "12")["action"] == "refuse"
    assert engine_plan("24.0.7", "Ubuntu", "22")["action"] == "refuse"


@pytest.mark.parametrize(
    ("distribution", "release", "package", "from_docker"),
    [
        ("Debian", "12", "docker-ce", True),
        ("Debian", "13", "docker.io", False),
        ("Ubuntu", "22", "docker.io", False),
        ("Ubuntu", "24", "docker-compose-v2", False),
    ],
)
def test_a_bare_host_gets_its_distributions_engine_where_that_is_good(
    distribution: str, release: str, package: str, from_docker: bool
) -> None:
    plan = engine_plan("", distribution, release)
    assert plan["action"] == "install"
    assert package in plan["packages"]
    assert plan["from_docker"] is from_docker


def test_what_is_in_daemon_json_stays() -> None:
    theirs = {"data-root": "/big/docker", "features": {"buildkit": True}, "cdi-spec-dirs": ["/opt/cdi"]}
    merged = engine_settings(theirs)
    assert merged["data-root"] == "/big/docker"
    assert merged["features"] == {"buildkit": True, "cdi": True}
    assert merged["cdi-spec-dirs"] == ["/opt/cdi", "/etc/cdi", "/var/run/cdi"]


def test_cdi_that_somebody_turned_off_is_turned_on() -> None:
    assert engine_settings({"features": {"cdi": False}})["features"]["cdi"] is True


def test_logs_get_a_limit_where_nobody_has_decided_about_logs() -> None:
    assert engine_settings({})["log-opts"]["max-size"] == "10m"
    assert "log-opts" not in engine_settings({"log-driver": "journald"})


def test_merging_what_was_merged_changes_nothing() -> None:
    once = engine_settings({"data-root": "/big"})
    assert engine_settings(once) == once


@pytest.mark.parametrize("settings", [{"iptables": False}, {"ip-forward": False}, {"userns-remap": "default"}])
def test_settings_that_cannot_be_with_a_workshop_are_named(settings: dict[str, Any]) -> None:
    assert next(iter(settings)) in settings_problem(settings)


def test_other_settings_are_no_problem() -> None:
    assert settings_problem({"iptables": True, "data-root": "/big"}) == ""


@pytest.mark.parametrize(("text", "found"), [("", {}), ('{"debug": true}', {"debug": True}), ("{", None), ("[]", None)])
def test_a_daemon_json_that_is_no_object_is_not_taken_for_one(text: str, found: dict[str, Any] | None) -> None:
    assert parsed_settings(text) == found


def test_an_engine_that_has_not_read_its_settings_is_found_out() -> None:
    settings = engine_settings({})
    info = {"CDISpecDirs": ["/etc/cdi", "/var/run/cdi"], "LiveRestoreEnabled": True}
    assert engine_in_force(info, settings)
    assert not engine_in_force({**info, "LiveRestoreEnabled": False}, settings)
    assert not engine_in_force({"LiveRestoreEnabled": True}, settings)
