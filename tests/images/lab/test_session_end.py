"""When a session ends by itself: never while it works, never without a warning; on a real Jupyter server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from images.lab import kernels
from images.lab.session_end import SessionEnd
from provisioning.here.instance import make_runtime_folder
from provisioning.here.place import CLONE, Place
from tests.driven_workshop import free_port

TOKEN = "of-this-test"
SETTINGS = CLONE / "images" / "lab" / "jupyter"
IDLE = SessionEnd(idle_s=3600, longest_s=0, began=1000)


def test_without_limits_a_session_never_ends() -> None:
    assert not SessionEnd.from_environment({}).is_limited
    assert not SessionEnd.from_environment({"WORKSHOP_IDLE_S": "0", "WORKSHOP_LONGEST_S": ""}).is_limited
    assert SessionEnd.from_environment({"WORKSHOP_LONGEST_S": "60"}).is_limited


def test_idle_counts_from_the_last_use_of_whatever_kind() -> None:
    assert not IDLE.is_idle(used=0, now=4599)
    assert IDLE.is_idle(used=0, now=4600)
    assert not IDLE.is_idle(used=1001, now=4600)
    saved = SessionEnd(3600, 0, 1000)
    saved.touched = 1001
    assert not saved.is_idle(used=0, now=4600)


@pytest.mark.parametrize(("now", "said"), [(3999, ""), (4001, "in 10 minutes"), (4540, "in 1 minute:"), (4599, "less")])
def test_the_warning_comes_ten_minutes_before_and_counts_down(now: float, said: str) -> None:
    notice = IDLE.notice(used=0, now=now)
    assert said in notice["message"]
    assert bool(notice["message"]) == bool(said)
    assert notice["can_stay"]


def test_the_longest_time_is_announced_and_no_click_puts_it_off() -> None:
    end = SessionEnd(idle_s=3600, longest_s=7200, began=0)
    notice = end.notice(used=7000, now=7000)
    assert "it has run for as long as one may" in notice["message"]
    assert "Your files are kept." in notice["message"]
    assert not notice["can_stay"]


def test_short_limits_are_announced_too() -> None:
    assert SessionEnd(idle_s=40, longest_s=0, began=0).warn_s == 20


@dataclass
class Session:
    """A running Jupyter server."""

    url: str
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        asked = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def run(self, kernel: str, code: str) -> None:
        """Send `code` to the kernel and return when it has begun with it."""
        asyncio.run(asyncio.wait_for(self._run(kernel, code), timeout=60))

    async def _run(self, kernel: str, code: str) -> None:
        url = f"{self.url.replace('http', 'ws')}/api/kernels/{kernel}/channels"
        socket = await websocket_connect(HTTPRequest(url, headers={"Authorization": f"token {TOKEN}"}))
        header = {"msg_id": "1", "msg_type": "execute_request", "username": "", "session": "1", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        await socket.write_message(json.dumps(message))
        while True:
            said = json.loads(await socket.read_message() or "{}")
            if said["header"]["msg_type"] == "stream":
                socket.close()
                return


@contextmanager
def session(folder: Path, idle_s: float) -> Iterator[Session]:
    """A Jupyter server with the lab's settings, kernels and extensions, whose session ends when it is idle."""
    lab_python = Place.from_environment().lab_python()
    assert lab_python is not None
    kernels.install(lab_python, CLONE, folder / "data")
    runtime = make_runtime_folder()
    environment = {
        **os.environ,
        "PYTHONPATH": str(CLONE),
        "WORKSHOP_IDLE_S": str(idle_s),
        "WORKSHOP_HOME": str(folder),
        "JUPYTER_CONFIG_PATH": str(SETTINGS),
        "JUPYTER_PATH": os.pathsep.join([str(folder / "data"), str(SETTINGS)]),
        "JUPYTER_RUNTIME_DIR": runtime,  # sockets are in it, whose paths must be short
        **{f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA")},
    }
    port = free_port()
    options = ["--no-browser", f"--port={port}", "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}"]
    python = CLONE / ".venv" / "bin" / "python"
    with (folder / "log").open("wb") as log:
        command: list[str | Path] = [python, "-P", "-m", "jupyterlab", *options]
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    made = Session(f"http://127.0.0.1:{port}", process)
    try:
        while True:
            try:
                made.ask("GET", "/api")
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.1)
        yield made
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(runtime)


def test_a_busy_kernel_keeps_its_session_and_an_idle_one_does_not(lab_python: Path, tmp_path: Path) -> None:
    limit_s = 6
    with session(tmp_path, limit_s) as made:
        kernel = made.ask("POST", "/api/kernels", {"name": kernels.GIL_OFF})["id"]
        made.run(kernel, "print('computing', flush=True)\nimport time\ntime.sleep(600)")
        with pytest.raises(subprocess.TimeoutExpired):
            made.process.wait(2 * limit_s)
        assert made.ask("GET", "/gilfree/session-end")["message"] == ""
        made.ask("POST", f"/api/kernels/{kernel}/interrupt")
        assert made.process.wait(10 * limit_s) == 0


def test_the_warning_is_seen_in_jupyterlab_and_a_click_keeps_the_session(
    lab_python: Path, chromium: Browser, tmp_path: Path
) -> None:
    with session(tmp_path, 40) as made:
        page = chromium.new_page()
        page.goto(f"{made.url}/lab?token={TOKEN}")
        warning = page.locator(".Toastify__toast").filter(has_text="This session ends in less than a minute")
        warning.wait_for(timeout=60_000)
        page.get_by_role("button", name="Stay").click()
        warning.wait_for(state="detached")
        assert made.ask("GET", "/gilfree/session-end")["message"] == ""
        assert made.process.poll() is None
