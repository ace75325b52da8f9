"""Makes a temporary folder, and never comes to the end where it would be cleared away."""

import tempfile
import threading
from pathlib import Path


def answer() -> int:
    with tempfile.TemporaryDirectory(prefix="left-behind-") as folder:
        Path("folder").write_text(folder)
        threading.Event().wait()
    return 42
