"""What goes wrong on hosts: said in words before anything is changed, and mended by the same command."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.play import Play
from tests.hosts.rig import Host, Rig

pytestmark = pytest.mark.timeout(1200)

COMMON = {"workshop_name": "rig", "workshop_lab_target": "cpu", "workshop_min_disk_gb": 2}
PREFLIGHT = ("--tags", "preflight")
ENGINE = ("--tags", "base,docker")


@pytest.fixture(scope="module")
def small(hosts_rig: Rig) -> Host:
    """Debian 13, bare, without GPUs."""
    return hosts_rig.host("trixie")


@pytest.fixture
def play(site: Path, small: Host, tmp_path: Path) -> Play:
    small.run("systemctl reset-failed docker")  # these tests start it more often than systemd likes
    return Play(site, tmp_path, {"small": small}, COMMON)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"workshop_tls": "acmee"}, "workshop_tls must be one of: acme, files, internal, off"),
        ({"workshop_expiry_poweroff": "perhaps"}, "workshop_expiry_poweroff"),
        ({"workshop_expire": "2037-01-01T00:00:00Z"}, "workshop_expire (is workshop_expires meant?)"),
        ({"workshop_name": "PyCon 2027"}, "a letter a-z, then letters, digits and dashes"),
        ({"workshop_min_memory_gb": 4000}, "4000 GB or more"),
    ],
)
def test_a_wrong_variable_is_refused_before_anything_is_changed(
    play: Play, variables: dict[str, Any], words: str
) -> None:
    refused = play.run(**variables)
    assert refused.code == 2
    assert words in refused.said.replace("\\n", "\n")
    assert refused.changes == []


def test_a_bare_off_in_yaml_means_off(play: Play) -> None:
    assert play.run(*PREFLIGHT, workshop_tls=False).code == 0


def test_a_wrong_key_is_said_to_be_one(play: Play, small: Host, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger], check=True)
    unshared = ("--ssh-extra-args", "-o ControlPath=none")  # the connection of an earlier run would be let in
    refused = replace(play, hosts={"small": replace(small, key=stranger)}).run(*PREFLIGHT, *unshared)
    assert refused.code == 4
    assert "Permission denied (publickey" in refused.said


def test_a_host_that_is_down_does_not_hold_up_the_others(play: Play, small: Host) -> None:
    gone = replace(small, address="127.0.0.3")
    played = replace(play, hosts={"gone": gone, "small": small}).run(*PREFLIGHT)
    assert played.code == 4
    assert played.hosts["small"].is_good
    assert played.hosts["gone"].unreachable == 1


def test_a_full_disk_is_noticed_before_images_are_sent(play: Play, hosts_rig: Rig) -> None:
    full = hosts_rig.host("trixie", data="type=tmpfs,destination=/var/lib/docker,tmpfs-size=200m")
    refused = replace(play, hosts={"full": full}).run()
    assert refused.code == 2
    assert "GB free for Docker" in refused.said
    assert refused.changes == []


def test_an_engine_that_is_too_old_is_refused_and_left_alone(play: Play, small: Host) -> None:
    small.put("/usr/local/bin/dockerd", "#!/bin/sh\necho 'Docker version 20.10.24, build 297e128'")
    small.said("chmod +x /usr/local/bin/dockerd")
    try:
        refused = play.run(*ENGINE)
    finally:
        small.said("rm /usr/local/bin/dockerd")
    assert refused.code == 2
    assert "Docker version 20.10.24" in refused.said
    assert small.run("command -v docker").stdout == ""


def test_a_run_that_was_killed_goes_on_when_it_is_repeated(play: Play, small: Host) -> None:
    play.kill_at("docker : Install engine and compose", *ENGINE)
    mended = play.run(*ENGINE)
    assert mended.code == 0, mended.end
    assert (
        small.said("docker info --format '{{.LiveRestoreEnabled}} {{.CDISpecDirs}}'") == "true [/etc/cdi /var/run/cdi]"
    )
    again = play.run(*ENGINE)
    assert (again.code, again.changes) == (0, []), again.end


def test_a_run_that_was_killed_before_the_engine_read_its_settings_is_mended(play: Play, small: Host) -> None:
    assert play.run(*ENGINE).code == 0
    small.said("echo '{}' >/etc/docker/daemon.json; systemctl restart docker")
    play.kill_at("docker : Start the engine", *ENGINE)
    assert "cdi" in small.said("cat /etc/docker/daemon.json")
    mended = play.run(*ENGINE)
    assert mended.code == 0, mended.end
    assert "docker : Restart the engine, when it has not read its settings since" in mended.changes
    assert "/etc/cdi" in small.said("docker info --format '{{.CDISpecDirs}}'")


@pytest.mark.parametrize(
    ("settings", "words"), [("{", "no JSON object"), ('{"iptables": false}', "the engine would open no port")]
)
def test_settings_of_the_engine_that_cannot_be_kept_are_left_as_they_are(
    play: Play, small: Host, settings: str, words: str
) -> None:
    assert play.run(*ENGINE).code == 0
    small.said("cp /etc/docker/daemon.json /tmp/good")
    small.put("/etc/docker/daemon.json", settings)
    try:
        refused = play.run(*ENGINE)
        assert refused.code == 2
        assert words in refused.said
        assert small.said("cat /etc/docker/daemon.json") == settings
    finally:
        small.said("cp /tmp/good /etc/docker/daemon.json")


def test_a_key_of_another_certificate_is_noticed(play: Play, tmp_path: Path) -> None:
    for name in ("one", "two"):
        make = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "9",
        ]
        files = ["-subj", f"/CN={name}", "-keyout", f"{tmp_path}/{name}.key", "-out", f"{tmp_path}/{name}.pem"]
        subprocess.run([*make, *files], check=True, capture_output=True)
    given = {"workshop_tls": "files", "workshop_tls_certificate": str(tmp_path / "one.pem")}
    refused = play.run("--tags", "base,tls", **given, workshop_tls_key=str(tmp_path / "two.key"))
    assert refused.code == 2
    assert "The key is another certificate" in refused.said
    taken = play.run("--tags", "base,tls", **given, workshop_tls_key=str(tmp_path / "one.key"))
    assert taken.code == 0, taken.end


def test_acme_without_a_domain_is_refused(play: Play) -> None:
    refused = play.run("--tags", "base,tls", workshop_tls="acme")
    assert refused.code == 2
    assert "workshop_domain is not set" in refused.said
