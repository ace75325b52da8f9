"""Wrong answers made by machine: a right answer with one small fault in it, of the kinds that people make.

    right answer ──parse──> its answered definitions ──one operator at one place──> mutants, each with an id

The operators on locks, waits and threads follow ConMAn (Bradbury, Cordy and Dingel, "Mutation Operators for Concurrent
Java", 2006); the others are the usual ones of mutation testing. A mutant may be no fault at all (equivalent).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard, TypeVar

Node = ast.AST
Replacement = ast.AST | list[ast.stmt]
N = TypeVar("N", bound=ast.AST)
Operator = Callable[[Node], Iterator[Replacement]]

WAITS = {"wait", "wait_for", "join", "result", "acquire", "release", "set", "notify", "notify_all", "task_done"}
WAITS |= {"shutdown", "synchronize", "wait_event", "wait_stream", "record", "record_stream", "put", "cancel"}
COMPARED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
COMPARED |= {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In}
COMPARED |= {ast.Is: ast.IsNot, ast.IsNot: ast.Is}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A whole file with one fault. id: the definition, the operator, which of its places: "book: lock dropped 1"."""

    id: str
    text: str


def mutants(answer: str, names: Sequence[str]) -> list[Mutant]:
    """All mutants of the file `answer` in its top-level definitions `names`; none of them reads like `answer`."""
    tree = ast.parse(answer)
    seen = {ast.unparse(tree)}
    found = []
    for position, definition in enumerate(tree.body):
        if isinstance(definition, ast.FunctionDef | ast.ClassDef) and definition.name in names:
            for label, variant in _variants(definition):
                body = [*tree.body[:position], variant, *tree.body[position + 1 :]]
                text = ast.unparse(ast.fix_missing_locations(ast.Module(body=body, type_ignores=[])))
                if text not in seen:
                    seen.add(text)
                    found.append(Mutant(f"{definition.name}: {label}", f"{text}\n"))
    return found


def _variants(definition: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    for name, operator in OPERATORS.items():
        count = 0
        for index, node in enumerate(ast.walk(definition)):
            for replacement in operator(node):
                count += 1
                yield f"{name} {count}", _with_replaced(definition, index, replacement)


def _with_replaced(definition: ast.stmt, index: int, replacement: Replacement) -> ast.stmt:
    """A copy of `definition` in which the node that comes `index`th in ast.walk is `replacement`."""
    whole = copy.deepcopy(definition)
    target = list(ast.walk(whole))[index]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Replacement:
            return replacement if node is target else self.generic_visit(node)

    changed = Replace().visit(whole)
    assert isinstance(changed, ast.stmt)  # no operator replaces a definition by several statements
    return changed


def _changed(node: N, **fields: object) -> N:
    """A copy of `node` with other `fields`."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _plain_with(node: Node) -> TypeGuard[ast.With]:
    """Whether `node` is a `with` that binds no name: a lock's, a condition's, a stream's."""
    return isinstance(node, ast.With) and all(item.optional_vars is None for item in node.items)


def _blocks(node: Node) -> Iterator[tuple[str, list[ast.stmt]]]:
    """The lists of statements in `node`, each with the name of its field."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(node, field, None)
        if isinstance(block, list):
            yield field, block


def _method(node: Node) -> ast.Attribute | None:
    """The method that `node` calls; None if it calls none."""
    return node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None


def _called(node: Node) -> str:
    """The last part of the name that `node` calls: "Thread" of `threading.Thread(...)`; "" if it calls nothing."""
    if method := _method(node):
        return method.attr
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _waits(node: Node) -> bool:
    """Whether `node` is a statement that waits, signals or hands over."""
    return isinstance(node, ast.Expr) and _method(node.value) is not None and _called(node.value) in WAITS


def lock_dropped(node: Node) -> Iterator[Replacement]:
    """`with lock:` goes, what was in it stays."""
    if _plain_with(node):
        yield node.body


def lock_made_per_call(node: Node) -> Iterator[Replacement]:
    """Each call locks a lock of its own, which excludes nobody."""
    if _plain_with(node):
        own = ast.parse("__import__('threading').RLock()", mode="eval").body
        for number, item in enumerate(node.items):
            items = list(node.items)
            items[number] = _changed(item, context_expr=own)
            yield _changed(node, items=items)


def lock_narrowed(node: Node) -> Iterator[Replacement]:
    """The first or the last statement of a `with` comes out of it."""
    if _plain_with(node) and len(node.body) > 1:
        first, *rest = node.body
        yield [first, _changed(node, body=rest)]
        *rest, last = node.body
        yield [_changed(node, body=rest), last]


def lock_split(node: Node) -> Iterator[Replacement]:
    """One `with` becomes two, one after the other."""
    if _plain_with(node):
        body = node.body
        for cut in range(1, len(body)):
            yield [_changed(node, body=body[:cut]), _changed(node, body=body[cut:])]


def lock_widened(node: Node) -> Iterator[Replacement]:
    """The statement behind a `with`, or before it, comes into it: the lock is held over it."""
    for field, block in _blocks(node):
        for place, each in enumerate(block):
            if not _plain_with(each):
                continue
            body = each.body
            if place + 1 < len(block):
                wide = _changed(each, body=[*body, block[place + 1]])
                yield _changed(node, **{field: [*block[:place], wide, *block[place + 2 :]]})
            if place:
                wide = _changed(each, body=[block[place - 1], *body])
                yield _changed(node, **{field: [*block[: place - 1], wide, *block[place + 1 :]]})


def wait_left_out(node: Node) -> Iterator[Replacement]:
    """A statement that waits, signals or hands over (`event.wait()`, `queue.put(item)`) goes."""
    if _waits(node):
        yield [ast.Pass()]


def result_not_asked(node: Node) -> Iterator[Replacement]:
    """`future.result()` becomes `future`."""
    if (method := _method(node)) and method.attr == "result":
        yield method.value


def statement_left_out(node: Node) -> Iterator[Replacement]:
    """A statement that has an effect goes."""
    stores = isinstance(node, ast.Assign) and all(
        isinstance(each, ast.Attribute | ast.Subscript) for each in node.targets
    )
    if stores or isinstance(node, ast.AugAssign | ast.Delete | ast.Raise | ast.Expr):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not _waits(node):
            yield [ast.Pass()]


def statements_swapped(node: Node) -> Iterator[Replacement]:
    """Two statements, one after the other, change places."""
    for field, block in _blocks(node):
        for place in range(len(block) - 1):
            one, other = block[place : place + 2]
            is_text = isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            if not is_text and not isinstance(one, ast.FunctionDef | ast.Return | ast.Raise):
                yield _changed(node, **{field: [*block[:place], other, one, *block[place + 2 :]]})


def except_changed(node: Node) -> Iterator[Replacement]:
    """An `except` catches more, or less."""
    if not isinstance(node, ast.ExceptHandler):
        return
    caught = ast.unparse(node.type) if node.type else "BaseException"
    for kind in ("BaseException", "Exception", "ValueError"):
        if kind != caught:
            yield _changed(node, type=ast.Name(kind, ast.Load()))


def finally_left_out(node: Node) -> Iterator[Replacement]:
    """What a `finally` did is done only if all goes well."""
    if isinstance(node, ast.Try) and node.finalbody:
        before = [_changed(node, finalbody=[])] if node.handlers else node.body
        yield [*before, *node.finalbody]


def off_by_one(node: Node) -> Iterator[Replacement]:
    """A range, or a number, is one more or one less."""
    if isinstance(node, ast.Call) and _called(node) == "range":
        for step in (ast.Add(), ast.Sub()):
            at = min(len(node.args) - 1, 1)
            arguments = list(node.args)
            arguments[at] = ast.BinOp(arguments[at], step, ast.Constant(1))
            yield _changed(node, args=arguments)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        yield ast.Constant(node.value + 1)


def comparison_changed(node: Node) -> Iterator[Replacement]:
    """`<` becomes `<=`, `in` becomes `not in`, and so on."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        yield _changed(node, ops=[COMPARED[type(node.ops[0])]()])


def condition_turned(node: Node) -> Iterator[Replacement]:
    """An `if` does the opposite; `and` becomes `or`."""
    if isinstance(node, ast.If) and not isinstance(node.test, ast.Compare):
        yield _changed(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.BoolOp):
        yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def sign_changed(node: Node) -> Iterator[Replacement]:
    """`+` becomes `-`, and the other way round."""
    turned = {ast.Add: ast.Sub(), ast.Sub: ast.Add(), ast.Mult: ast.Add(), ast.FloorDiv: ast.Mult()}
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in turned:
        yield _changed(node, op=turned[type(node.op)])


def constant_returned(node: Node) -> Iterator[Replacement]:
    """A function returns nothing instead of what it found."""
    if isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Constant):
        yield _changed(node, value=ast.Constant(None))


def last_left_out(node: Node) -> Iterator[Replacement]:
    """A loop leaves the last item out."""
    if isinstance(node, ast.For | ast.comprehension):
        every = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
        yield _changed(node, iter=ast.Subscript(every, ast.Slice(upper=ast.Constant(-1)), ast.Load()))


def value_cached(node: Node) -> Iterator[Replacement]:
    """A function remembers what it returned for the same arguments."""
    if isinstance(node, ast.FunctionDef) and node.args.args and any(isinstance(each, ast.Return) for each in node.body):
        remember = ast.parse("__import__('functools').cache", mode="eval").body
        yield _changed(node, decorator_list=[remember, *node.decorator_list])


def thread_made_daemon(node: Node) -> Iterator[Replacement]:
    """A thread may be lost when the program ends."""
    if isinstance(node, ast.Call) and _called(node) == "Thread" and all(each.arg != "daemon" for each in node.keywords):
        yield _changed(node, keywords=[*node.keywords, ast.keyword("daemon", ast.Constant(True))])


def done_one_by_one(node: Node) -> Iterator[Replacement]:
    """`pool.map(...)` becomes `map(...)`; a thread is joined as soon as it has started."""
    if (method := _method(node)) and method.attr == "map":
        yield _changed(node, func=ast.Name("map", ast.Load()))
    elif isinstance(node, ast.Expr) and (method := _method(node.value)) and method.attr == "start":
        thread = method.value
        yield [node, ast.Expr(ast.Call(ast.Attribute(thread, "join", ast.Load()), [], []))]


OPERATORS: dict[str, Operator] = {
    operator.__name__.replace("_", " "): operator
    for operator in (
        lock_dropped, lock_made_per_call, lock_narrowed, lock_split, lock_widened, wait_left_out, result_not_asked,
        statement_left_out, statements_swapped, except_changed, finally_left_out, off_by_one, comparison_changed,
        condition_turned, sign_changed, constant_returned, last_left_out, value_cached, thread_made_daemon,
        done_one_by_one,
    )
}  # fmt: skip
