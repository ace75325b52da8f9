"""What belongs to the attendee's program: modules beside it, globals, code made by exec; nothing leaks out of a run."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from checks.oracles import schedules
from checks.oracles.schedules import Exploration, Program, Scene

ADD = "def add():\n    global n\n    n += 1\n    return n\n"


def explore(file: Path) -> Exploration:
    program = Program(file)

    def make() -> Scene:
        module = program.module()
        return Scene({"Ana": module.add, "Ben": module.add}, lambda o: "twice" if o["Ana"] == o["Ben"] else None)

    return schedules.explore(make)


@pytest.mark.parametrize(
    "source",
    [
        f"n = 0\n{ADD}",
        f"exec('''n = 0\n{ADD}''')",
        f"names = {{}}\nexec(compile('''n = 0\n{ADD}''', 'made', 'exec'), names)\nadd = names['add']",
        "import beside\ndef add(): return beside.add()",
        "from beside import add",
        "import package\nadd = package.add",
        "import beside\ndef add():\n    beside.n += 1\n    return beside.n",
        "n = 0\ndef add():\n    globals()['n'] += 1\n    return globals()['n']",
        "class C: n = 0\ndef add():\n    C.n += 1\n    return C.n",
        "class C: n = 0\ndef add():\n    setattr(C, 'n', getattr(C, 'n') + 1)\n    return C.n",
        "class C: n = 0\ndef add():\n    vars(c)['n'] = vars(c).get('n', 0) + 1\n    return vars(c)['n']\nc = C()",
        "l = [0]\nget, put = l.__getitem__, l.__setitem__\ndef add():\n    n = get(0) + 1\n    put(0, n)\n    return n",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    n: int = 0\nc = C()\n"
        "def add():\n    c.n += 1\n    return c.n",
        "def count():\n    n = 0\n    def add():\n        nonlocal n\n        n += 1\n        return n\n    return add\nadd = count()",
    ],
)
def test_a_lost_update_is_found_wherever_the_code_stands(tmp_path: Path, source: str) -> None:
    (tmp_path / "beside.py").write_text(f"n = 0\n{ADD}")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from .inner import add")
    (tmp_path / "package" / "inner.py").write_text(f"n = 0\n{ADD}")
    file = tmp_path / "program.py"
    file.write_text(source)
    failure = explore(file).failure
    assert failure
    assert failure.what == "twice"
    assert {step.thread for step in failure.steps} == {"Ana", "Ben"}
    assert all(step.text for step in failure.steps)


def test_a_module_beside_cannot_stand_in_for_the_librarys(tmp_path: Path) -> None:
    (tmp_path / "threading.py").write_text("raise ImportError('not this one')")
    file = tmp_path / "program.py"
    file.write_text(
        f"from threading import Lock\nlock, n = Lock(), 0\ndef add():\n    with lock:\n        return step()\n{ADD}".replace(
            "def add():\n    global", "def step():\n    global"
        )
    )
    assert explore(file).is_everything


def test_nothing_is_printed_and_nothing_stays_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "program.py"
    file.write_text(f"n = 0\nprint('loading')\ndef add(): print('adding')\n{ADD}")
    before = set(sys.modules)
    explore(file)
    assert capsys.readouterr().out == ""
    assert set(sys.modules) - before <= {"concurrent.futures.thread", "concurrent.futures.process"}


def test_whoever_draws_lots_draws_the_same_ones_again(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(
        "import random\nseen = []\ndef add():\n    for _ in range(random.randrange(9)): seen.append(1)\n    return object()"
    )
    state = random.getstate()
    found = explore(file)
    assert found.diverged == 0
    assert random.getstate() == state
