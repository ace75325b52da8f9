"""`check`, and the end of `apply`: the checks of a host, asked of all hosts, as a table, a page or JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from foundation import files
from foundation.model import Report
from foundation.problem import ExitCode
from foundation.report import wants_colour
from provisioning.here.place import CLONE, clean_environment
from provisioning.hosts import board, matrix, matrix_text
from provisioning.hosts.expectations import expectations
from provisioning.hosts.inventory import Inventory, now
from provisioning.hosts.seating import seats_on


def check(
    inventory: Inventory,
    codes: Sequence[str] = (),
    *,
    ignore: Sequence[str] = (),
    as_json: bool = False,
    rehearse: int = 0,
) -> ExitCode:
    """Ask the hosts and show what they say. 0 all are ready, 1 one is not, 3 one could not be checked."""
    seats = seats_on(inventory)
    wanted = {
        name: each.as_json(sessions=seats.get(name, 1), rehearse=rehearse)
        for name, each in expectations(inventory).items()
    }
    words = [*codes, *(word for code in ignore for word in ("--ignore", code))]
    asked = _list_of(wanted[inventory.names[0]], words, stdout=subprocess.DEVNULL)
    if asked:  # a code that does not exist: told once, not by every host
        return ExitCode(asked)

    def told(host: str, report: Report) -> None:
        if not as_json:
            print(matrix_text.summary(host, report), flush=True)

    found = matrix.gather(inventory.workshop, wanted, words, told)
    page = inventory.secrets / "hosts.html"
    files.write(page, board.html_of(found, now()))
    if as_json:
        print(found.to_json())
    else:
        width = shutil.get_terminal_size().columns
        print(
            f"\n{matrix_text.text_of(found, width=width, colour=wants_colour(sys.stdout))}\nThe same as a page: {page}"
        )
    return found.exit_code


def list_checks(inventory: Inventory, codes: Sequence[str]) -> ExitCode:
    """Name the checks and run none."""
    first, *_ = expectations(inventory).values()
    return ExitCode(_list_of(first.as_json(), codes, stdout=None))


def _list_of(wanted: object, words: Sequence[str], stdout: int | None) -> int:
    """The exit code of the checks' own list of themselves."""
    with tempfile.TemporaryDirectory(prefix="workshop-hosts-") as folder:
        file = Path(folder) / "expected.json"
        file.write_text(json.dumps(wanted), encoding="utf-8")
        command = [*matrix.ASK, str(file), *words, "--list"]
        environment = {**clean_environment(), "PYTHONPATH": str(CLONE)}
        return subprocess.run(command, env=environment, stdout=stdout, check=False).returncode
