"""Code on a kernel, by its websocket, as a notebook runs it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import aiohttp

from provisioning.hub_client.client import VisitError
from provisioning.hub_client.visitor import Visitor

KERNEL = "gilfree"  # images/lab/kernels.py: free-threaded, the GIL off
LOUDEST = 300  # characters of an exception that are worth telling


async def start_kernel(visitor: Visitor, kernel: str = KERNEL) -> str:
    """Start a kernel in the visitor's session, which has to run; its id."""
    found = await visitor.api("POST", f"/user/{visitor.name}/api/kernels", json={"name": kernel})
    return str(found["id"])


async def run_code(visitor: Visitor, kernel_id: str, code: str) -> str:
    """What `code` prints. Raises VisitError with its exception if it raises one."""
    async with visitor.websocket(f"/user/{visitor.name}/api/kernels/{kernel_id}/channels") as socket:
        message = request(code)
        await socket.send_str(json.dumps(message))
        return await _output(socket, message["header"]["msg_id"])


def request(code: str) -> dict[str, Any]:
    """The message that asks a kernel to run `code`."""
    session = uuid.uuid4().hex
    header = {"msg_id": uuid.uuid4().hex, "session": session, "username": "", "msg_type": "execute_request"}
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    return {
        "header": {**header, "version": "5.3"},
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }


async def _output(socket: aiohttp.ClientWebSocketResponse, asked: str) -> str:
    """All that the code prints until the kernel is idle again and has replied."""
    printed, missing = "", {"idle", "reply"}
    async for frame in socket:
        if frame.type is not aiohttp.WSMsgType.TEXT:
            break
        message = json.loads(frame.data)
        if message.get("parent_header", {}).get("msg_id") != asked:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "stream" and content["name"] == "stdout":
            printed += content["text"]
        elif kind == "error":
            raise VisitError(f"the code raised {content['ename']}: {content['evalue'][:LOUDEST]}")
        elif kind == "execute_reply":
            missing.discard("reply")
        elif kind == "status" and content["execution_state"] == "idle":
            missing.discard("idle")
        if not missing:
            return printed
    raise VisitError("the kernel's connection closed before the code had ended")
