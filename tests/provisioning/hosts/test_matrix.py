"""Hosts x checks: several hosts are asked at once by real processes, and one that says nothing is no pass."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from foundation.model import Report, Result, Status
from foundation.problem import ExitCode
from foundation.processes import marked
from provisioning.hosts.board import html_of
from provisioning.hosts.checks.host import Expected
from provisioning.hosts.matrix import Matrix, gather
from provisioning.hosts.matrix_text import conclusion, summary, text_of
from tests.conftest import ROOT


def result(code: str, status: Status = Status.PASS, found: str = "as it should be", do: str = "") -> Result:
    return Result(code=code, title=f"the title of {code}", status=status, found=found, do=do)


def report(host: str, *results: Result) -> Report:
    return Report(subject=host, results=results)


LOST = result("host.reach", Status.FAIL, "Connection timed out", "Try <ssh> by hand.")
MIXED = Matrix(
    "pycon",
    {
        "gpu-1": report("gpu-1", result("host.reach"), result("host.disk")),
        "gpu-2": report("gpu-2", LOST, result("host.disk", Status.BLOCKED, "waits")),
        "gpu-3": report("gpu-3", result("host.reach"), result("host.disk", Status.SKIPPED, "nobody wants it")),
    },
)


def local(name: str, **more: Any) -> dict[str, Any]:
    return asdict(Expected(name=name, connection="local://", lab_image="gilfree/lab", **more))


def test_hosts_are_asked_at_once_each_is_told_of_and_the_order_stays() -> None:
    told: list[str] = []
    wanted = {name: local(name) for name in ("b", "a")}
    matrix = gather("pycon", wanted, ["host.clock"], lambda host, _: told.append(host))
    assert list(matrix.reports) == ["b", "a"]
    assert sorted(told) == ["a", "b"]
    assert matrix.codes == ["host.reach", "host.clock"]
    assert matrix.exit_code is ExitCode.PASS
    assert matrix.ready == ["b", "a"]


def test_a_host_that_is_down_fails_alone() -> None:
    lost = {**local("lost"), "connection": "ssh://root@127.0.0.1:1"}
    matrix = gather("pycon", {"here": local("here"), "lost": lost}, ["host.clock"])
    assert matrix.ready == ["here"]
    assert matrix.exit_code is ExitCode.FAIL
    ((host, fault),) = matrix.faults()
    assert (host, fault.code) == ("lost", "host.reach")
    assert "refused" in fault.found


def test_an_ignored_failure_does_not_stand_in_the_way() -> None:
    wanted = {"here": local("here", expires="2020-01-01T00:00:00+00:00")}
    assert gather("pycon", wanted, ["host.expiry"]).exit_code is ExitCode.FAIL
    assert gather("pycon", wanted, ["host.expiry", "--ignore", "host.expiry"]).exit_code is ExitCode.PASS


def test_a_process_that_reports_nothing_is_no_pass() -> None:
    matrix = gather("pycon", {"here": {"name": "here"}})
    assert matrix.exit_code is ExitCode.COULD_NOT_CHECK
    ((_, fault),) = matrix.faults()
    assert fault.status is Status.ERROR
    assert "exit code 2" in fault.found


def test_a_matrix_of_no_host_and_one_with_an_empty_report_are_no_pass() -> None:
    assert Matrix("pycon", {}).exit_code is ExitCode.COULD_NOT_CHECK
    half = Matrix("pycon", {"a": report("a", result("host.reach")), "b": report("b")})
    assert half.exit_code is ExitCode.COULD_NOT_CHECK


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    listener = f"""
import socket, sys
sys.path.insert(0, {str(ROOT)!r})
from provisioning.hosts.matrix import gather
silent = socket.create_server(("127.0.0.1", 0))
spec = f"ssh://root@127.0.0.1:{{silent.getsockname()[1]}}"
gather("pycon", {{"slow": {{"name": "slow", "connection": spec}}}})
"""
    environment = {**os.environ, "WORKSHOP_TEST_MATRIX": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", listener], env=environment, stderr=subprocess.PIPE)
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    while not any("ssh" in each.command for each in marked("WORKSHOP_TEST_MATRIX", str(tmp_path))):
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate()
    watchdog.cancel()
    assert marked("WORKSHOP_TEST_MATRIX", str(tmp_path)) == []


def test_the_table_has_a_row_for_a_check_a_column_for_a_host_and_a_reason_for_a_fault() -> None:
    assert (
        text_of(MIXED)
        == """\
            gpu-1  gpu-2  gpu-3
host.reach    ✔      ✘      ✔
host.disk     ✔      ·      –

gpu-2  host.reach: Connection timed out
    do this: Try <ssh> by hand.

FAIL  pycon: 2 of 3 hosts ready; not ready: gpu-2"""
    )


def test_hosts_that_do_not_fit_side_by_side_go_below() -> None:
    text = text_of(MIXED, width=30)
    assert [line.split() for line in text.splitlines() if line.startswith(" ") and "gpu" in line] == [
        ["gpu-1", "gpu-2"],
        ["gpu-3"],
    ]
    assert text.count("host.disk") == 2


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text_of(MIXED, colour=True)
    assert "\x1b[31;1m✘\x1b[0m" in coloured
    assert "\x1b" not in text_of(MIXED)


def test_one_line_says_how_a_host_is_while_others_are_asked() -> None:
    assert summary("gpu-2", MIXED.reports["gpu-2"]) == "gpu-2: fail (host.reach)"
    assert conclusion(MIXED) == "FAIL  pycon: 2 of 3 hosts ready; not ready: gpu-2"


def test_the_json_holds_each_report_as_it_came() -> None:
    data = json.loads(MIXED.to_json())
    assert (data["schema"], data["workshop"], data["status"]) == (2, "pycon", "fail")
    assert {host: Report.from_json(json.dumps(each)) for host, each in data["hosts"].items()} == MIXED.reports


def test_the_board_shows_every_cell_and_what_to_do_as_text() -> None:
    page = html_of(MIXED, datetime(2027, 5, 14, 8, 30, tzinfo=UTC))
    assert page.count("<td>") == 6
    assert page.count('<span class="pass"') == 3
    assert 'title="fail: Connection timed out"' in page
    assert "Try &lt;ssh&gt; by hand." in page
    assert "asked 2027-05-14 08:30 UTC" in page
    assert "<script" not in page
