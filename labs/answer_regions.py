"""The exercise is the solution with its answers taken out; a wrong answer is the solution with some definitions put in.

In solution.py:                                     In exercise.py:

    #: answer  let several threads do the rows          # Your turn: let several threads do the rows.
    with ThreadPoolExecutor(workers) as pool:           for y in range(height):
        list(pool.map(fill, range(height)))                 fill(y)
    #: starter
    # for y in range(height):
    #     fill(y)
    #: end
"""

from __future__ import annotations

import ast
import re

from foundation.problem import Problem

_ANSWER = re.compile(r"^(?P<indent>\s*)#: answer\s*(?P<task>.*)$")
_STARTER = re.compile(r"^\s*#: starter\s*$")
_END = re.compile(r"^\s*#: end\s*$")


def strip(solution: str) -> str:
    """The exercise made of `solution`: each answer replaced by its starter. Problem on a region that is not closed."""
    kept: list[str] = []
    lines = iter(enumerate(_lines(solution), start=1))
    for number, line in lines:
        opening = _ANSWER.match(line)
        if not opening:
            if _STARTER.match(line) or _END.match(line):
                raise Problem(
                    f"line {number}: `{line.strip()}` without `#: answer` before it", expected="answer, starter, end"
                )
            kept.append(line)
            continue
        if task := opening["task"].rstrip("."):
            kept.append(f"{opening['indent']}# Your turn: {task}.")
        starting = False
        for inner_number, inner in lines:
            if _END.match(inner):
                break
            if _ANSWER.match(inner):
                raise _not_closed(number)
            if _STARTER.match(inner):
                starting = True
            elif starting:
                kept.append(_uncommented(inner_number, inner, opening["indent"]))
        else:
            raise _not_closed(number)
    return "\n".join(kept) + "\n"


def _not_closed(number: int) -> Problem:
    return Problem(f"line {number}: `#: answer` that no `#: end` closes", expected="answer, starter, end")


def _uncommented(number: int, line: str, indent: str) -> str:
    body = line.removeprefix(indent)
    if body.startswith("# "):
        return indent + body[2:]
    if body.strip() in ("#", ""):
        return ""
    raise Problem(
        f"line {number}: a starter line that is no comment: `{line.strip()}`",
        expected="`# ` before each line of the starter",
    )


def without_markers(solution: str) -> str:
    """The solution as one shows it: the answers, without starters and markers."""
    kept: list[str] = []
    inside_starter = False
    for line in _lines(solution):
        if _STARTER.match(line):
            inside_starter = True
        elif _END.match(line):
            inside_starter = False
        elif not inside_starter and not _ANSWER.match(line):
            kept.append(line)
    return "\n".join(kept) + "\n"


def put_in(solution: str, replacement: str) -> str:
    """`solution` with each top-level definition of `replacement` in the place of the one of the same name.

    What has no namesake there (imports, new functions) goes before the first definition that is replaced.
    """
    base = without_markers(solution)
    tree = ast.parse(base)
    spans = {name: _span(node) for node in tree.body for name in names(node)}
    new, extra = {}, []
    for node in ast.parse(replacement).body:
        text = _text(replacement, _span(node))
        if namesakes := [name for name in names(node) if name in spans]:
            new[namesakes[0]] = text
        elif not _is_docstring(node):
            extra.append(text)
    if not new:
        raise Problem("the replacement defines nothing that the solution has", expected=f"one of {', '.join(spans)}")
    lines = _lines(base)
    for name in sorted(new, key=lambda each: spans[each][0], reverse=True):
        first, last = spans[name]
        lines[first - 1 : last] = _lines(new[name])
    at = min(spans[name][0] for name in new) - 1
    lines[at:at] = [line for text in extra for line in _lines(text)]
    return "\n".join(lines) + "\n"


def names(node: ast.stmt) -> list[str]:
    """The names that a top-level statement defines: of a function, a class, or what is assigned."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def _lines(text: str) -> list[str]:
    """The lines as Python's parser counts them: `splitlines` also parts at form feeds and the like."""
    return text.removesuffix("\n").split("\n")


def _span(node: ast.stmt) -> tuple[int, int]:
    """First and last line, decorators included."""
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)]), node.end_lineno or node.lineno


def _text(source: str, span: tuple[int, int]) -> str:
    return "\n".join(_lines(source)[span[0] - 1 : span[1]])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
