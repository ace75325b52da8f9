"""A real web server on 127.0.0.1 for the tests of downloads: it can break off, forbid resuming, or say nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Web:
    """What the server gives: `files` by path; `cut[path]` are lengths after which the next answers break off."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    resumes: bool = True
    silent: threading.Event | None = None
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Web]:
    """A server that runs for the block."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            wanted = self.headers.get("Range", "")
            web.asked.append(f"{self.command} {self.path} {wanted}".strip())
            if web.silent:
                web.silent.wait()
                return
            content = web.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and web.resumes else 0
            if start and start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if with_body:
                cuts = web.cut.get(self.path)
                self.wfile.write(content[start : start + cuts.pop(0)] if cuts else content[start:])

        def log_message(self, *_: object) -> None:
            """Nothing: tests read `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        if web.silent:
            web.silent.set()
        server.shutdown()
        thread.join()
        server.server_close()
