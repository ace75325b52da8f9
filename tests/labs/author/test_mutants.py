"""Mutants: each operator makes the fault that it is named after, at every place, and nothing else."""

from __future__ import annotations

import ast
from textwrap import dedent, indent

import pytest

from labs.author.mutants import OPERATORS, mutants

BOOK = """
    with self.lock:
        if seat in self.taken:
            return None
        self.taken[seat] = person
    pay(person)
    return seat
"""


def made(operator: str, body: str) -> list[str]:
    """The bodies that `operator` makes of a function with `body`."""
    answer = "def answer(self, seat, person):\n" + indent(dedent(body).strip("\n"), "    ")
    found = [each for each in mutants(answer, ["answer"]) if each.id.startswith(f"answer: {operator} ")]
    return [dedent("\n".join(each.text.splitlines()[1:])) for each in found]


@pytest.mark.parametrize(
    ("operator", "body", "expected"),
    [
        ("lock dropped", "with lock:\n    n += 1", ["n += 1"]),
        ("lock made per call", "with lock:\n    n += 1", ["with __import__('threading').RLock():\n    n += 1"]),
        ("lock narrowed", "with a:\n    f()\n    g()", ["f()\nwith a:\n    g()", "with a:\n    f()\ng()"]),
        ("lock split", "with a:\n    f()\n    g()", ["with a:\n    f()\nwith a:\n    g()"]),
        ("lock widened", "with a:\n    f()\ng()", ["with a:\n    f()\n    g()"]),
        ("wait left out", "ready.wait()\nf()", ["pass\nf()"]),
        ("result not asked", "return [each.result() for each in all]", ["return [each for each in all]"]),
        ("statement left out", "self.n[seat] = 1\nm = 2", ["pass\nm = 2"]),
        ("statements swapped", "f()\ng()", ["g()\nf()"]),
        (
            "except changed",
            "try:\n    f()\nexcept Exception:\n    raise",
            [
                "try:\n    f()\nexcept BaseException:\n    raise",
                "try:\n    f()\nexcept ValueError:\n    raise",
            ],
        ),
        ("finally left out", "try:\n    f()\nfinally:\n    g()", ["f()\ng()"]),
        ("off by one", "range(k)", ["range(k + 1)", "range(k - 1)"]),
        ("comparison changed", "return a < b", ["return a <= b"]),
        ("condition turned", "if ready:\n    f()", ["if not ready:\n    f()"]),
        ("sign changed", "n += 1", ["n -= 1"]),
        ("constant returned", "return n", ["return None"]),
        ("last left out", "for each in all:\n    f()", ["for each in list(all)[:-1]:\n    f()"]),
        ("thread made daemon", "Thread(target=f)", ["Thread(target=f, daemon=True)"]),
        ("done one by one", "list(pool.map(f, all))", ["list(map(f, all))"]),
        ("done one by one", "t.start()", ["t.start()\nt.join()"]),
    ],
)
def test_an_operator_makes_the_fault_that_it_is_named_after(operator: str, body: str, expected: list[str]) -> None:
    assert made(operator, body) == expected


def test_every_operator_has_something_to_do_in_some_answer() -> None:
    answer = f"def answer(self, seat, person):\n{BOOK}"
    assert {"lock dropped", "value cached"} <= {
        each.id.split(": ")[1].rpartition(" ")[0] for each in mutants(answer, ["answer"])
    }
    assert len(OPERATORS) == 20


def test_a_pool_is_no_lock() -> None:
    assert made("lock dropped", "with ThreadPoolExecutor() as pool:\n    f()") == []


def test_only_the_named_definitions_are_changed() -> None:
    answer = "def answer(n):\n    return n + 1\n\ndef other(n):\n    return n + 1\n"
    for mutant in mutants(answer, ["answer"]):
        changed, kept = ast.parse(mutant.text).body
        assert ast.unparse(kept) == "def other(n):\n    return n + 1"
        assert ast.unparse(changed) != "def answer(n):\n    return n + 1"


def test_every_mutant_is_a_program_of_its_own_with_an_id_of_its_own() -> None:
    found = mutants(f"def answer(self, seat, person):\n{BOOK}", ["answer"])
    assert len({each.id for each in found}) == len({each.text for each in found}) == len(found) > 8
    for each in found:
        compile(each.text, each.id, "exec")
