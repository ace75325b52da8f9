"""Two kernels on one Python: the GIL off whatever the session says, and on."""

import json
import os
import subprocess
import sys
from pathlib import Path

from images.lab.kernels import GIL_OFF, GIL_ON, install, kernelspecs
from tests.conftest import ROOT
from tests.images.lab.bare_environment import bare_environment

CLONE = Path("/clone")
ASKS_A_KERNEL = """
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="gilfree", cwd=sys.argv[1])
try:
    client.execute_interactive("import re, random, beside; print(re.escape('.'), random.choice([6]) * beside.SEVEN)")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""


def test_both_have_names_that_hold_for_every_version(tmp_path: Path) -> None:
    specs = kernelspecs(bare_environment(tmp_path), CLONE)
    shown = [specs[name]["display_name"] for name in (GIL_OFF, GIL_ON)]
    assert shown == ["Free-threaded Python, GIL off", "Free-threaded Python, GIL on"]


def test_they_differ_by_one_option(tmp_path: Path) -> None:
    specs = kernelspecs(bare_environment(tmp_path), CLONE)
    off, on = (specs[name]["argv"] for name in (GIL_OFF, GIL_ON))
    assert isinstance(off, list)
    assert isinstance(on, list)
    assert [word for word in on if word not in ("-X", "gil=1")] == off
    assert "{connection_file}" in off
    assert specs[GIL_OFF]["env"] == {"PYTHONPATH": "/clone"}


def test_a_forced_gil_of_the_session_does_not_reach_them(tmp_path: Path) -> None:
    shows = bare_environment(tmp_path)
    shows.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c 'import os; print(os.environ.get(\"PYTHON_GIL\"))'\n")
    shows.chmod(0o755)
    argv = kernelspecs(shows, tmp_path)[GIL_OFF]["argv"]
    assert isinstance(argv, list)
    done = subprocess.run(argv, env={**os.environ, "PYTHON_GIL": "0"}, capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"


def test_they_are_installed_where_jupyter_looks_and_again_over_old_ones(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("old", "new"):
        install(bare_environment(tmp_path / name), CLONE, data)
    files = sorted(file.relative_to(data) for file in data.rglob("*") if file.is_file())
    assert files == [Path("kernels/gilfree/kernel.json"), Path("kernels/gilfree-gil/kernel.json")]
    assert str(tmp_path / "new/bin/python") in json.loads((data / files[0]).read_text())["argv"]


def test_a_kernel_starts_beside_files_named_like_the_standard_library_and_finds_modules_beside_it(
    tmp_path: Path, lab_python: Path
) -> None:
    install(lab_python, ROOT, tmp_path / "data")
    lab = tmp_path / "lab"
    lab.mkdir()
    for name in ("re", "random", "threading", "types", "enum", "operator", "json"):
        (lab / f"{name}.py").write_text("x = 1\n")
    (lab / "beside.py").write_text("SEVEN = 7\n")
    done = subprocess.run(
        [lab_python, "-c", ASKS_A_KERNEL, lab],
        env={**os.environ, "JUPYTER_PATH": str(tmp_path / "data"), "IPYTHONDIR": str(tmp_path / "ipython")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout == "\\. 42\n", done.stderr
