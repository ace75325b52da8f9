"""An attendee without a browser: logs in, starts a session, stops it, reads pages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import requests

from tests.docker.stack import Stack

LIMIT_S = 150
PATIENCE_S = 20


class Attendee:
    """One person's cookies and what they can do with them at the workshop at `url`."""

    def __init__(self, url: str, name: str, password: str):
        self.url = url
        self.name = name
        self.password = password
        self.http = requests.Session()
        self.http.headers["Connection"] = "close"  # one that is kept may end just when the next request is sent

    def log_in(self) -> bool:
        """Send the login form; whether it was accepted."""
        self.page("/hub/login")
        return self._post("/hub/login", {"username": self.name, "password": self.password}).status_code == 302

    def start(self, where: str = "gpu") -> None:
        """Send the spawn page's form, where there is one: without GPUs its address starts the session."""
        if "spawn-pending" in self.page("/hub/spawn").url:
            return
        answer = self._post("/hub/spawn", {"where": where})
        assert answer.status_code == 302, answer.text

    def stop(self) -> None:
        """Stop the session and wait until it has ended."""
        self.api("DELETE", f"/users/{self.name}/server")
        self.wait_until_gone()

    def leave(self) -> None:
        """End the session, if there is one, whatever it is about to do."""
        self.log_in()
        self.wait_for(lambda: not (self.server or {}).get("pending"), "the start to end")
        if self.server:
            self.stop()

    @property
    def server(self) -> dict[str, Any] | None:
        """What the hub knows of the session; None if there is none."""
        found: dict[str, Any] | None = self.api("GET", f"/users/{self.name}").json()["servers"].get("")
        return found

    def is_ready(self) -> bool:
        """Whether the session runs."""
        return bool((self.server or {}).get("ready"))

    def wait_until_ready(self) -> None:
        """Until the session runs."""
        self.wait_for(self.is_ready, "the session to be ready")

    def wait_until_gone(self) -> None:
        """Until there is no session."""
        self.wait_for(lambda: self.server is None, "the session to end")

    def wait_for(self, happened: Callable[[], object], what: str) -> None:
        """Until `happened()` is true; AssertionError when that takes too long."""
        deadline = time.monotonic() + LIMIT_S
        while not happened():
            assert time.monotonic() < deadline, f"{self.name} waited {LIMIT_S} s for {what}"
            time.sleep(0.2)

    def progress(self) -> dict[str, Any]:
        """What the page of a start says first that is about this start."""
        with self.http.get(
            f"{self.url}/hub/api/users/{self.name}/server/progress", headers=self._proof(), stream=True, timeout=LIMIT_S
        ) as answer:
            events = (json.loads(line[len("data: ") :]) for line in answer.iter_lines() if line.startswith(b"data: "))
            return next(dict(event) for event in events if event["message"] != "Server requested")

    def answers(self, path: str) -> bool:
        """Whether a page is to be had; not, while nobody listens. A page that does not come is an error."""
        try:
            return self.page(path, limit_s=PATIENCE_S).status_code == 200
        except requests.ConnectionError:
            return False

    def page(self, path: str, limit_s: float = LIMIT_S) -> requests.Response:
        """A page as this attendee's browser sees it."""
        return self.http.get(f"{self.url}{path}", timeout=limit_s)

    def api(self, method: str, path: str) -> requests.Response:
        """A call of the hub's API."""
        answer = self.http.request(method, f"{self.url}/hub/api{path}", headers=self._proof(), timeout=LIMIT_S)
        answer.raise_for_status()
        return answer

    def _post(self, path: str, form: dict[str, str]) -> requests.Response:
        return self.http.post(
            f"{self.url}{path}", data=form, headers=self._proof(), allow_redirects=False, timeout=LIMIT_S
        )

    def _proof(self) -> dict[str, str]:
        """What shows the hub that a request is no other site's."""
        found = [cookie.value or "" for cookie in self.http.cookies if (cookie.name, cookie.path) == ("_xsrf", "/hub/")]
        return {"X-XSRFToken": found[-1]} if found else {}


def at_work(stack: Stack, name: str, where: str = "gpu") -> Attendee:
    """An attendee who has logged in and whose session runs."""
    attendee = Attendee(stack.url, name, stack.password())
    assert attendee.log_in()
    attendee.start(where)
    attendee.wait_until_ready()
    return attendee
