"""Two kernels on one Python: the GIL off whatever the session says, and on."""

import json
import os
import subprocess
import sys
from pathlib import Path

from images.lab.kernels import GIL_OFF, GIL_ON, install, kernelspecs

SPECS = kernelspecs(Path("/lab/bin/python"), Path("/clone"))


def test_both_have_the_names_that_jupyterlab_shows() -> None:
    assert [SPECS[name]["display_name"] for name in (GIL_OFF, GIL_ON)] == [
        "Python 3.13t, GIL off",
        "Python 3.13t, GIL on",
    ]


def test_they_differ_by_one_option() -> None:
    off, on = (SPECS[name]["argv"] for name in (GIL_OFF, GIL_ON))
    assert isinstance(off, list)
    assert isinstance(on, list)
    assert [word for word in on if word not in ("-X", "gil=1")] == off
    assert "{connection_file}" in off
    assert SPECS[GIL_OFF]["env"] == {"PYTHONPATH": "/clone"}


def test_a_forced_gil_of_the_session_does_not_reach_them(tmp_path: Path) -> None:
    shows = tmp_path / "python"
    shows.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c 'import os; print(os.environ.get(\"PYTHON_GIL\"))'\n")
    shows.chmod(0o755)
    argv = kernelspecs(shows, tmp_path)[GIL_OFF]["argv"]
    assert isinstance(argv, list)
    done = subprocess.run(argv, env={**os.environ, "PYTHON_GIL": "0"}, capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"


def test_they_are_installed_where_jupyter_looks_and_again_over_old_ones(tmp_path: Path) -> None:
    for python in ("/old", "/new"):
        install(Path(python), Path("/clone"), tmp_path)
    files = sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file())
    assert files == [Path("kernels/gilfree/kernel.json"), Path("kernels/gilfree-gil/kernel.json")]
    assert "/new" in json.loads((tmp_path / files[0]).read_text())["argv"]
