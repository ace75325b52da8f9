"""pytest's `-m EXPRESSION`, understood before there is a pytest: may it choose a test that carries a marker?"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Sequence
from itertools import product


def expression_of(arguments: Sequence[str]) -> str:
    """The expression that pytest takes from its `arguments`: the last one; "" if there is none."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("-m", default="")
    found: str = parser.parse_known_args(arguments)[0].m
    return found


def may_choose(expression: str, marker: str) -> bool:
    """Whether `expression` chooses some test that carries `marker`, whatever other markers it has.

    True also if the expression cannot be understood: then pytest will say so.
    """
    try:
        return not expression.strip() or True in _values(ast.parse(expression.strip(), mode="eval").body, marker)
    except SyntaxError:
        return True


def _values(node: ast.expr, marker: str) -> set[bool]:
    """What `node` may be for a test that carries `marker`."""
    match node:
        case ast.Name(id=name) if name == marker:
            return {True}
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return {not value for value in _values(operand, marker)}
        case ast.BoolOp(op=operator, values=parts):
            combine = all if isinstance(operator, ast.And) else any
            return {combine(values) for values in product(*(_values(part, marker) for part in parts))}
    return {True, False}
