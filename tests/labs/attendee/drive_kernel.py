"""Runs a kernel as the hub's kernelspecs do, and cells in it: a JSON string a line in, what lies below the cell out.

Started by test_notebook on the lab's interpreter, which has jupyter_client.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec

LIMIT_S = 120


def run_cell(client: Any, source: str) -> dict[str, Any]:
    """Run `source`; displays that are updated count once, in their last state."""
    printed, markdown, svg, images, error = "", [], [], 0, None
    html: dict[str, str] = {}
    request = client.execute(source)
    while True:
        message = client.get_iopub_msg(timeout=LIMIT_S)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind == "error":
            error = content["evalue"]
        elif kind in ("display_data", "update_display_data"):
            data = content["data"]
            if "text/html" in data:
                html[content.get("transient", {}).get("display_id", len(html))] = data["text/html"]
            elif "text/markdown" in data:
                markdown.append(data["text/markdown"])
            elif "image/svg+xml" in data:
                svg.append(data["image/svg+xml"])
            images += "image/png" in data
        elif kind == "status" and content["execution_state"] == "idle":
            break
    return {
        "printed": printed,
        "html": list(html.values()),
        "markdown": markdown,
        "svg": svg,
        "images": images,
        "error": error,
    }


def main() -> None:
    """Start the kernel, answer each line, end with the input."""
    manager = KernelManager(transport="ipc")
    manager._kernel_spec = KernelSpec(  # what `kernel_name` would look up in the hub's folder
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--ext=labs.attendee.notebook"],
        display_name="Free-threaded Python, GIL off",
        language="python",
    )
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=LIMIT_S)
    try:
        for line in sys.stdin:
            print(json.dumps(run_cell(client, json.loads(line))), flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
