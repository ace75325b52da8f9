"""What `python -m provisioning.rehearsal` reads, prints and returns."""

import json
from pathlib import Path

import pytest

from foundation.problem import ExitCode, Problem
from provisioning.rehearsal.__main__ import read_access, tell
from provisioning.rehearsal.model import Phase, Rehearsal
from tests.provisioning.rehearsal.test_model import ALL, rehearsal, steps

GOOD = rehearsal(steps("ada", *ALL))
BAD = rehearsal(steps("ada", Phase.LOG_IN, failure="no"))


@pytest.mark.parametrize("said", ["", "[]", '{"instructor": "x"}', '{"instructor": "x", "seats": ["ada"]}'])
def test_secrets_in_another_form_are_a_usage_error_that_shows_the_form(said: str) -> None:
    with pytest.raises(Problem, match="cannot be read") as told:
        read_access("http://x", said)
    assert told.value.exit_code == ExitCode.USAGE
    assert '"seats"' in told.value.expected


@pytest.mark.parametrize(("found", "code"), [(GOOD, ExitCode.PASS), (BAD, ExitCode.FAIL)])
def test_the_exit_code_says_whether_everybody_came_through(
    found: Rehearsal, code: ExitCode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = tmp_path / "picture.svg"
    assert tell(found, drawn, as_json=False) == code
    assert capsys.readouterr().out.endswith(f"picture: {drawn}\n")
    assert drawn.read_text().startswith("<svg")


def test_for_a_program_it_prints_json_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell(BAD, tmp_path / "picture.svg", as_json=True)
    assert Rehearsal.from_json(json.loads(capsys.readouterr().out)) == BAD
