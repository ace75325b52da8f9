"""Programs without our environment: one in a session of its own, one without a parent."""

import subprocess
from pathlib import Path


def answer() -> int:
    alone = subprocess.Popen(["/bin/sleep", "600"], env={}, start_new_session=True)
    orphan = subprocess.run(
        ["/bin/sh", "-c", "/bin/sleep 600 >/dev/null & echo $!"], env={}, stdout=subprocess.PIPE, text=True, check=True
    )
    Path("pid").write_text(f"{alone.pid} {orphan.stdout}")
    return 42
