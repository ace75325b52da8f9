"""A second hub on the same data is refused, for as long as the first one lives and no longer."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.problem import Problem
from hub.only_hub import only_hub

HOLD = "import sys; from pathlib import Path; from hub.only_hub import only_hub; only_hub(Path(sys.argv[1])); "


def test_a_second_hub_is_refused_and_told_where_the_first_one_is(tmp_path: Path) -> None:
    first = only_hub(tmp_path)
    with pytest.raises(
        Problem, match=f"another hub works on this workshop's data \\(in the container {socket.gethostname()}"
    ):
        only_hub(tmp_path)
    os.close(first)
    os.close(only_hub(tmp_path))


def test_a_hub_that_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", HOLD + "import os; os.kill(os.getpid(), 9)", str(tmp_path)], check=False
    )
    assert killed.returncode == -9
    os.close(only_hub(tmp_path))
