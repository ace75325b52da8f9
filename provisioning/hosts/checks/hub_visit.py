"""A visit to a hub as an attendee's browser makes it: the login form, a start, a kernel, some code, the end."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import requests
import websocket

KERNEL = "gilfree"  # images/lab/kernels.py: free-threaded Python, GIL off
REQUEST_LIMIT_S = 20.0
START_LIMIT_S = 200.0
STOP_LIMIT_S = 60.0
CODE_LIMIT_S = 120.0
FOUND = 302
_LOOK_AGAIN_S = 0.5


class VisitFailed(Exception):  # noqa: N818 - an outcome
    """The hub did not do what it should; the text says at which step, and what it said."""


class Browser:
    """Cookies of one person at the hub at `url`, and with each request what shows that it is no other site's.

    ca_file: of the CA that signed the hub's certificate; "" for the system's.
    """

    def __init__(self, url: str, ca_file: str = "") -> None:
        self.url = url
        self.ca_file = ca_file
        self._http = requests.Session()
        self._http.trust_env = False  # an attendee has neither this machine's proxy nor its .netrc
        self._http.verify = ca_file or True

    def request(self, method: str, path: str, **more: Any) -> Any:
        """The answer, whatever its status. Raises VisitFailed where there is none."""
        try:
            return self._http.request(
                method, f"{self.url}{path}", headers=self._proof(path), timeout=REQUEST_LIMIT_S, **more
            )
        except requests.RequestException as error:
            raise VisitFailed(f"{method} {path}: {why(error)}") from error

    def expect(self, status: int, method: str, path: str, **more: Any) -> Any:
        """The answer of `status`. Raises VisitFailed on any other."""
        answer = self.request(method, path, **more)
        if answer.status_code != status:
            raise VisitFailed(f"{method} {path}: the answer is {answer.status_code}, not {status}")
        return answer

    def websocket(self, path: str) -> Any:
        """A websocket to `path`. Raises VisitFailed where there is none."""
        cookies = "; ".join(f"{each.name}={each.value}" for each in self._for(path))
        try:
            return websocket.create_connection(
                f"ws{self.url.removeprefix('http')}{path}",
                timeout=CODE_LIMIT_S,
                cookie=cookies,
                sslopt={"ca_certs": self.ca_file} if self.ca_file else {},
            )
        except (OSError, websocket.WebSocketException) as error:
            raise VisitFailed(f"websocket {path}: {why(error)}") from error

    def _for(self, path: str) -> list[Any]:
        """The cookies that go with a request for `path`, those of the narrowest folder last."""
        matching = [each for each in self._http.cookies if path.startswith(each.path)]
        return sorted(matching, key=lambda each: len(each.path))

    def _proof(self, path: str) -> dict[str, str]:
        """The header that repeats the cookie _xsrf, as the pages' scripts do."""
        found = [each.value for each in self._for(path) if each.name == "_xsrf"]
        return {"X-XSRFToken": found[-1]} if found else {}


@dataclass(frozen=True)
class Visit:
    """What one person does at a hub, by name and secret."""

    browser: Browser
    name: str
    secret: str = field(repr=False)

    @contextmanager
    def session(self, where: str) -> Iterator[float]:
        """For the block, a session of one's own, "gpu" or "cpu", and after how many seconds it was ready.

        One that was left over is ended first.
        """
        self.log_in()
        self._stop()
        began = time.monotonic()
        try:
            self._start(where)
            yield time.monotonic() - began
        finally:
            self._stop()

    def run(self, code: str) -> str:
        """What `code` prints in a fresh kernel of the running session."""
        kernels = f"/user/{self.name}/api/kernels"
        self.browser.expect(200, "GET", f"/user/{self.name}/lab")  # by way of the hub, which gives the session's cookie
        kernel = self.browser.expect(201, "POST", kernels, json={"name": KERNEL}).json()["id"]
        try:
            return _printed(self.browser.websocket(f"{kernels}/{kernel}/channels"), code)
        finally:
            self.browser.request("DELETE", f"{kernels}/{kernel}")

    def dismiss(self, name: str) -> None:
        """As the instructor: take the account of `name` away, with what the hub keeps of a simulated attendee."""
        self.log_in()
        self.browser.expect(204, "DELETE", f"/hub/api/users/{name}")

    def log_in(self) -> None:
        """Send the login form. Raises VisitFailed where it is not accepted."""
        self.browser.expect(200, "GET", "/hub/login")
        form = {"username": self.name, "password": self.secret}
        answer = self.browser.request("POST", "/hub/login", data=form, allow_redirects=False)
        if answer.status_code != FOUND:
            raise VisitFailed(f"{self.name} is not let in: the login page answers {answer.status_code}")

    def _start(self, where: str) -> None:
        """Send the spawn page's form; where there is nothing to choose, its address starts the session."""
        if "spawn-pending" not in self.browser.expect(200, "GET", "/hub/spawn").url:
            self.browser.expect(FOUND, "POST", "/hub/spawn", data={"where": where}, allow_redirects=False)
        deadline = time.monotonic() + START_LIMIT_S
        while not (server := self._server() or {}).get("ready"):
            if not server:
                raise VisitFailed("the start failed; the hub's log says why")
            if time.monotonic() > deadline:
                raise VisitFailed(f"the session is not ready after {START_LIMIT_S:g} s: {self._progress()}")
            time.sleep(_LOOK_AGAIN_S)

    def _stop(self) -> None:
        """Afterwards there is no session."""
        deadline = time.monotonic() + STOP_LIMIT_S
        while self._server():
            self.browser.request("DELETE", f"/hub/api/users/{self.name}/server")
            if time.monotonic() > deadline:
                raise VisitFailed(f"the session does not end within {STOP_LIMIT_S:g} s")
            time.sleep(_LOOK_AGAIN_S)

    def _server(self) -> Mapping[str, Any] | None:
        """What the hub knows of the session; None where there is none."""
        answer = self.browser.expect(200, "GET", f"/hub/api/users/{self.name}")
        found: Mapping[str, Any] | None = answer.json()["servers"].get("")
        return found

    def _progress(self) -> str:
        """What the page of a start says now."""
        said = "it does not say why"
        path = f"/hub/api/users/{self.name}/server/progress"
        try:
            with self.browser.request("GET", path, stream=True) as answer:
                events = (line for line in answer.iter_lines() if line.startswith(b"data: "))
                for line in islice(events, 2):
                    said = str(json.loads(line[len(b"data: ") :])["message"])
        except (VisitFailed, requests.RequestException):
            return said  # it is held open for as long as the start takes: what was said so far counts
        return said


def why(error: BaseException) -> str:
    """The innermost cause of an error of requests, which wraps it several times."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return " ".join(str(error).split()) or type(error).__name__


def _printed(channels: Any, code: str) -> str:
    """What `code`, sent over a kernel's websocket, prints."""
    message = _execute_request(code)
    try:
        channels.send(json.dumps(message))
        return _collect(channels.recv, message["header"]["msg_id"])
    except (OSError, websocket.WebSocketException) as error:
        raise VisitFailed(f"the kernel does not answer: {why(error)}") from error
    finally:
        channels.close()


def _execute_request(code: str) -> dict[str, Any]:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "version": "5.3",
        "username": "",
        "session": "",
    }
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
    empty: dict[str, Any] = {}
    return {"header": header, "parent_header": empty, "metadata": empty, "content": content, "channel": "shell"}


def _collect(receive: Callable[[], str | bytes], request: str) -> str:
    """What the kernel prints until it is idle again after `request`."""
    printed = ""
    deadline = time.monotonic() + CODE_LIMIT_S
    while time.monotonic() < deadline:
        message = json.loads(receive())
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream" and content["name"] == "stdout":
            printed += content["text"]
        elif kind == "error":
            raise VisitFailed(f"the code raised {content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            return printed
    raise VisitFailed(f"the code did not end within {CODE_LIMIT_S:g} s")
