"""Rewrites source: before each operation on something that threads may share stands a call of `touches`.

The operations themselves stay as they are, in their order, and so do lines, names, tracebacks and results.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator, Sequence
from types import CodeType
from typing import Any

from checks.oracles.schedules import calls, touches
from checks.oracles.schedules.touches import SITES, Site

HELPERS: dict[str, Callable[..., Any]] = {
    "__sees__": touches.sees,
    "__sets__": touches.sets,
    "__both__": touches.Both,
    "__items__": touches.Items,
    "__method__": calls.method,
    "__calls__": calls.calls,
    "__within__": touches.within,
    "__whole__": touches.whole,
    "__changes__": touches.changes,
    "__walks__": calls.walks,
    "__reads__": touches.reads,
    "__writes__": touches.writes,
}
# They ask for the frame of the caller, or look at the type of what they are given and at nothing else.
LEFT_ALONE = frozenset(
    "super locals globals vars dir eval exec compile __import__ "  # noqa: SIM905
    "isinstance issubclass type id callable range object".split()
)
_MAY_GIVE_A_CONTAINER = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.NamedExpr, ast.BoolOp)
SOURCES: dict[str, list[str]] = {}  # the lines of each file that has been rewritten: the attendee's


def compiled(source: str | bytes | ast.Module, file: str) -> CodeType:
    """The code of a module's source with its steps in it."""
    tree = source if isinstance(source, ast.Module) else ast.parse(source, file)
    text = "" if isinstance(source, ast.Module) else _decoded(source)
    SOURCES[file] = text.splitlines()
    if text and file.startswith("<"):  # no file that a traceback could read
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    rewritten = _Rewriter(file, SOURCES[file], tree).visit(tree)
    return compile(ast.fix_missing_locations(rewritten), file, "exec", dont_inherit=True)


def _decoded(source: str | bytes) -> str:
    return source if isinstance(source, str) else source.decode(errors="replace")


def _globals(tree: ast.AST) -> Iterator[str]:
    """The variables that a module's own lines write."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _globals(node)


class _Rewriter(ast.NodeTransformer):
    def __init__(self, file: str, lines: Sequence[str], tree: ast.Module) -> None:
        self._file = file
        self._lines = lines
        declared = {
            name for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
        }
        self._shared = declared | set(_globals(tree))
        self._depth = 0  # of functions: a module's and a class's own lines run before there are threads

    # -- where

    def _site(self, node: ast.AST, name: str = "") -> ast.Constant:
        line = getattr(node, "lineno", 0)
        text = self._lines[line - 1].strip() if 0 < line <= len(self._lines) else ""
        SITES.append(Site(self._file, line, text, name))
        return ast.Constant(len(SITES) - 1)

    def _call(self, helper: str, at: ast.AST, name: str, *args: ast.expr) -> ast.Call:
        call = ast.Call(ast.Name(helper, ast.Load()), [self._site(at, name), *args], [])
        return ast.copy_location(call, at)

    # -- functions

    def _function(self, node: ast.Lambda) -> ast.AST:
        self._depth += 1
        try:
            return self.generic_visit(node)
        finally:
            self._depth -= 1

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._outer_parts(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._outer_parts(node)

    def _outer_parts(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        """Decorators and defaults are evaluated outside, annotations are left alone."""
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        node.args.defaults = [self.visit(each) for each in node.args.defaults]
        node.args.kw_defaults = [each and self.visit(each) for each in node.args.kw_defaults]
        self._depth += 1
        node.body = self._body(node.body)
        self._depth -= 1
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return self._function(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return node

    def _body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for each in statements:
            new = self.visit(each)
            found += new if isinstance(new, list) else [new]
        return found

    # -- expressions

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        owner = self.visit(node.value)
        if self._depth:
            helper = "__sees__" if isinstance(node.ctx, ast.Load) else "__sets__"
            owner = self._call(helper, node, node.attr, owner)
        node.value = owner
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        owner = self.visit(node.value)
        node.slice = self.visit(node.slice)
        node.value = self._call("__items__", node, "", owner) if self._depth else owner
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        function = node.func
        node.args = [self.visit(each) for each in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        if not self._depth or (isinstance(function, ast.Name) and function.id in LEFT_ALONE):
            node.func = self.visit(function) if not isinstance(function, ast.Name) else function
        elif isinstance(function, ast.Attribute):
            function.value = self._call("__method__", function, function.attr, self.visit(function.value))
        else:
            node.func = self._call("__calls__", node, "", self.visit(function))
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if not self._depth:
            return node
        operator = node.ops[0]
        if len(node.ops) == 1 and isinstance(operator, ast.In | ast.NotIn):
            look = self._call("__within__", node, "", node.left, node.comparators[0])
            if isinstance(operator, ast.In):
                return look
            return ast.copy_location(ast.UnaryOp(ast.Not(), look), node)
        if any(not isinstance(each, ast.Is | ast.IsNot) for each in node.ops):
            node.left = self._whole(node.left)
            node.comparators = [self._whole(each) for each in node.comparators]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        node.values = [self._whole(each) for each in node.values]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        node.operand = self._whole(node.operand)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        node.left, node.right = self._whole(node.left), self._whole(node.right)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        node.test = self._whole(node.test)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        self.generic_visit(node)
        node.value = self._whole(node.value)
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            node.value = self._whole(node.value)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        if self._depth and not node.is_async:
            node.iter = self._call("__walks__", node.iter, "", node.iter)
        node.ifs = [self._whole(each) for each in node.ifs]
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not self._depth or node.id not in self._shared or not isinstance(node.ctx, ast.Load):
            return node
        look = self._call("__reads__", node, node.id)
        return ast.copy_location(ast.BoolOp(ast.And(), [look, node]), node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        node.value = self._announced([node.target], self.visit(node.value))
        return node

    def _whole(self, node: ast.expr) -> ast.expr:
        """`node`, looked at as a whole if it may give a container."""
        if self._depth and isinstance(
            node, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.NamedExpr | ast.BoolOp
        ):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("__within__", "__whole__")
            ):
                return node
            return self._call("__whole__", node, "", node)
        return node

    # -- statements

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = self._announced(node.targets, self.visit(node.value))
        node.targets = [self.visit(each) for each in node.targets]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self._announced([node.target], self.visit(node.value))
            node.target = self.visit(node.target)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[ast.stmt]:
        node.value = self._whole(self.visit(node.value))
        target = node.target
        if isinstance(target, ast.Attribute):
            target.value = self.visit(target.value)
            if self._depth:
                target.value = self._call("__both__", target, target.attr, target.value)
            return node
        if isinstance(target, ast.Subscript):
            node.target = self.visit(target)
            return node
        return self._name_changed(node, target)

    def _name_changed(self, node: ast.AugAssign, target: ast.Name) -> ast.AST | list[ast.stmt]:
        if not self._depth:
            return node
        value = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        before: list[ast.expr] = []
        if target.id in self._shared:
            before = [self._call("__reads__", node, target.id)]
            node.value = self._announced([target], node.value)
        before.append(self._call("__changes__", node, target.id, value))
        return [*(ast.copy_location(ast.Expr(each), node) for each in before), node]

    def _announced(self, targets: Sequence[ast.expr], value: ast.expr) -> ast.expr:
        """`value`, and behind it a step for each shared variable that it is written to."""
        if not self._depth:
            return value
        for target in targets:
            for each in ast.walk(target):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and each.id in self._shared:
                    value = self._call("__writes__", target, each.id, value)
        return value

    def _tested(self, node: Any) -> Any:
        self.generic_visit(node)
        node.test = self._whole(node.test)
        return node

    visit_If = visit_While = visit_Assert = _tested  # noqa: N815 - named by ast

    def visit_match_case(self, node: ast.match_case) -> ast.AST:
        if node.guard is not None:
            node.guard = self.visit(node.guard)
        node.body = self._body(node.body)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        if self._depth:
            node.iter = self._call("__walks__", node.iter, "", node.iter)
        return node
