"""`python local_ec2.py PORT`: moto's EC2 on 127.0.0.1, in the XML that EC2 itself writes.

Run in moto's own packages. What libcloud and moto do not agree on is made as EC2 has it: the last character of the
namespace, errors without one, and tags that libcloud counts from 0.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

NAMESPACE = b' xmlns="http://ec2.amazonaws.com/doc/2016-11-15%s"'


def as_ec2_writes(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """`app`, its answers in EC2's own form."""

    def answer(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        said: list[Any] = []
        asked = environment["QUERY_STRING"]
        if "Action=CreateTags" in asked:
            asked = re.sub(r"\b(ResourceId|Tag)\.(\d+)", lambda found: f"{found[1]}.{int(found[2]) + 1}", asked)
        body = b"".join(app({**environment, "QUERY_STRING": asked}, lambda *words: said.append(words)))
        body = body.replace(NAMESPACE % b"", NAMESPACE % b"/").replace(b"<Response" + NAMESPACE % b"/", b"<Response")
        status, headers, *more = said[0]
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*kept, ("Content-Length", str(len(body)))], *more)
        return [body]

    return answer


if __name__ == "__main__":
    dispatcher = DomainDispatcherApplication(create_backend_app)
    run_simple("127.0.0.1", int(sys.argv[1]), as_ec2_writes(dispatcher), threaded=True)
