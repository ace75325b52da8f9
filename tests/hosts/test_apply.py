"""Bare hosts become workshop hosts: over ssh, two side by side."""

from __future__ import annotations

import json
import socket
import ssl
import stat

import pytest
import requests

from tests.conftest import LAB_PYTHON
from tests.docker.attendee import Attendee
from tests.hosts.conftest import OLD_LIST
from tests.hosts.play import Play, Played
from tests.hosts.rig import DRIVER, Host, wait_for

pytestmark = pytest.mark.timeout(2400)

LAB = f"gilfree/lab:{LAB_PYTHON}-cpu"
SOME_PORT = 9137


@pytest.fixture
def trusted(play: Play, applied: Played) -> str:
    """The certificate of the workshop's own authority."""
    assert applied.code == 0, applied.end
    return str(play.secrets / "authority" / "ca.pem")


@pytest.fixture(params=["bare", "settled"])
def host(request: pytest.FixtureRequest, applied: Played) -> Host:
    """Each of the two, after the first run."""
    assert applied.code == 0, applied.end
    found: Host = request.getfixturevalue(request.param)
    return found


def test_check_mode_says_what_would_change_on_bare_hosts_and_changes_nothing(tried: Played, bare: Host) -> None:
    assert tried.code == 0, tried.end
    assert "firewall : Write the rules" in tried.changes
    assert bare.run("command -v dockerd; ls -d /opt/workshop /var/lib/workshop /etc/workshop").stdout == ""


def test_both_hosts_are_made_in_one_run_that_ends_with_every_check_passed(applied: Played) -> None:
    assert applied.code == 0, applied.end
    assert "PASS  rig: 2 of 2 hosts ready" in applied.said


def test_a_second_run_changes_nothing(again: Played) -> None:
    assert again.code == 0, again.end
    assert again.changes == []
    assert [tally.changed for tally in again.hosts.values()] == [0, 0]


def test_check_mode_on_a_finished_host_finds_nothing_to_change(again: Played, play: Play) -> None:
    checked = play.run("--check")
    assert checked.code == 0, checked.end
    assert checked.changes == []


def test_the_hub_answers_over_tls_that_the_workshops_authority_vouches_for(host: Host, trusted: str) -> None:
    page = requests.get(f"https://{host.address}/hub/login", verify=trusted, timeout=30)
    assert page.status_code == 200
    assert "name" in page.text


def test_nobody_else_vouches_for_it(host: Host) -> None:
    with socket.create_connection((host.address, 443), timeout=10) as line, pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(line, server_hostname=host.address)


def test_who_comes_by_http_is_sent_to_https(host: Host) -> None:
    answer = requests.get(f"http://{host.address}/hub/login", allow_redirects=False, timeout=30)
    assert answer.status_code in (301, 302, 307, 308)
    assert answer.headers["Location"].startswith(f"https://{host.address}")


def test_an_attendee_logs_in_and_has_a_gpu_of_their_own(host: Host, trusted: str) -> None:
    password = host.said("cd /opt/workshop && docker compose exec -T hub cat /srv/hub/class-password")
    ada = Attendee(f"https://{host.address}", "ada", password)
    ada.http.verify, ada.http.trust_env = trusted, False  # an environment may name other authorities
    assert ada.log_in()
    ada.start()
    ada.wait_until_ready()
    inside = host.said("docker exec gilfree-lab-ada sh -c 'cat /etc/fake-gpus.d/*'").split()
    assert len(inside) == 1
    assert set(inside) <= set(host.gpus)
    found = host.said("docker exec gilfree-lab-ada workshop check gil.off --json")
    assert json.loads(found)["results"][0]["status"].lower() == "pass"
    ada.stop()


def test_a_running_container_keeps_its_gpu_when_systemd_reloads(host: Host) -> None:
    device = f"nvidia.com/gpu={host.gpus[0]}"
    host.said(f"docker run --detach --name keeps --device {device} --entrypoint sleep {LAB} 300")
    try:
        before = host.said("docker exec keeps nvidia-smi -L")
        assert host.gpus[0] in before
        host.said("systemctl daemon-reload")
        wait_for(lambda: host.run("docker exec keeps true").returncode == 0, "a command in it to begin", host)
        assert host.said("docker exec keeps nvidia-smi -L") == before
    finally:
        host.said("docker rm --force keeps")


def test_the_specification_names_each_gpu_once_and_the_loaded_drivers_libraries(host: Host) -> None:
    text = host.said("cat /etc/cdi/nvidia.yaml")
    assert all(text.count(f"name: {gpu}") == 1 for gpu in host.gpus)
    assert f"libcuda.so.{DRIVER}" in text
    host.run("systemctl start nvidia-cdi-refresh.service")  # as after a package's update
    assert host.run("cat /var/run/cdi/nvidia.yaml").returncode != 0, "a second one, which names every GPU again"


def test_settings_that_the_engine_had_are_kept(settled: Host, applied: Played) -> None:
    settings = json.loads(settled.said("cat /etc/docker/daemon.json"))
    assert settings["labels"] == ["owner=somebody"]
    assert settings["features"] == {"buildkit": True, "cdi": True}
    assert "owner=somebody" in settled.said("docker info --format '{{json .Labels}}'")


def test_an_old_package_list_is_put_aside_and_not_lost(settled: Host, applied: Played) -> None:
    assert settled.run(f"test -e {OLD_LIST}").returncode == 1
    assert "nvidia-docker" in settled.said(f"cat {OLD_LIST}.aside")


def test_a_changed_daemon_json_that_the_engine_has_not_read_is_noticed(
    settled: Host, again: Played, play: Play
) -> None:
    settled.said('sed -i \'s/"live-restore": true/"live-restore": false/\' /etc/docker/daemon.json')
    settled.said("systemctl reload docker")
    mended = play.run("--tags", "docker", "--limit", "settled")
    assert mended.code == 0, mended.end
    assert settled.said("docker info --format '{{.LiveRestoreEnabled}}'") == "true"


def is_open(host: Host, port: int) -> bool:
    try:
        with socket.create_connection((host.address, port), timeout=2):
            return True
    except OSError:
        return False


def test_from_outside_only_ssh_and_the_workshops_ports_are_open(host: Host) -> None:
    host.said(
        f"docker run --detach --name other --publish {SOME_PORT}:8000 --entrypoint python3 {LAB} -m http.server 8000"
    )
    try:
        wait_for(
            lambda: (
                host.run(
                    f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {SOME_PORT}))'"
                ).returncode
                == 0
            ),
            "the other container to answer on its own host",
            host,
        )
        assert {port for port in (22, 80, 443, 8000, 8001, 8081, SOME_PORT) if is_open(host, port)} == {22, 80, 443}
        host.said("systemctl stop workshop-firewall; iptables -F DOCKER-USER; iptables -D INPUT -j WORKSHOP-INPUT")
        assert is_open(host, SOME_PORT), "it was the firewall that kept it closed"
    finally:
        host.said("systemctl restart workshop-firewall; docker rm --force other")
    assert not is_open(host, SOME_PORT)


def test_forwarding_and_rules_outlive_a_restart_of_the_engine(host: Host) -> None:
    host.said("systemctl restart docker")
    host.said("/usr/local/sbin/workshop-firewall check")
    assert host.said("cat /proc/sys/net/ipv4/ip_forward") == "1"


def test_secrets_are_their_owners_only(host: Host, play: Play) -> None:
    assert host.said("stat --format %a /var/lib/workshop/tls /var/lib/workshop/tls/key.pem").split() == ["700", "400"]
    kept = [file for file in play.secrets.rglob("*") if file.suffix == ".key"]
    assert kept
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in kept)
    assert stat.S_IMODE(play.secrets.stat().st_mode) == 0o700
    key = next(file for file in kept if file.name != "ca.key").read_text(encoding="utf-8").splitlines()[1]
    assert host.run(f"journalctl --no-pager | grep --fixed-strings -- '{key}'").stdout == ""


def test_the_images_there_are_those_that_were_copied(host: Host) -> None:
    noted = json.loads(host.said("cat /var/lib/workshop/images.json"))
    assert set(noted) == {"gilfree/hub:latest", "gilfree/proxy:latest", LAB}
    for name, identity in noted.items():
        assert host.said(f"docker image inspect --format '{{{{.Id}}}}' {name}") == identity


def test_the_end_is_armed_for_the_moment_in_the_inventory(host: Host) -> None:
    timers = host.said("TZ=UTC systemctl show workshop-expiry.timer --property=NextElapseUSecRealtime --value")
    assert "2037-05-14 16:00:00 UTC" in timers
