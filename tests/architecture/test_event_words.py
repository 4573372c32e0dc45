"""Every action that the product writes to the audit trail has its sentence, and every sentence its action.

That each sentence is there in Finnish and Swedish is seen to with all other messages, in `test_translations`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agreements.life_tables import Move
from placement.integration.path_service import TABLES
from placement.web.event_words import ACTIONS, KINDS

ROOT = Path(__file__).parents[2]
CLAIM_MOVES = "agreements/claims.py"
# the only calls whose action is put together, and all that they may say
BUILT = {
    "f'agreement-{row.move.value}'": {f"agreement-{move.value}" for move in Move},
    "f'{kind}-import-undone'": {"child-import-undone", "unit-import-undone"},
    "f'{what}-changed' if before else f'{what}-recorded'": {
        f"{what}-{did}" for what, _table in TABLES.values() for did in ("recorded", "changed")
    },
    "f'claim-{event.action}'": set(),  # found at the calls of `move`, which write those events
}


class Writer(NamedTuple):
    """A function that writes an event: where it may be called from, and which of its arguments is the code."""

    name: str
    module: str | None
    argument: str
    place: int | None
    prefix: str = ""


class Recorded:
    """The codes given to `record`, `AuditEvent` and to every function that hands its own argument on to them."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.trees = {path: ast.parse(source) for path, source in sources.items()}
        self.actions: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        self.unread: list[str] = []
        self._follow(Writer("record", None, "action", None), self.actions)
        self._follow(Writer("AuditEvent", None, "action", None), self.actions)
        self._follow(Writer("move", CLAIM_MOVES, "action", 3, "claim-"), self.actions)
        self._follow(Writer("record", None, "object_kind", None), self.kinds)

    def _follow(self, first: Writer, found: dict[str, str]) -> None:
        waiting, done = [first], set()
        while waiting:
            writer = waiting.pop()
            if writer in done:
                continue
            done.add(writer)
            for path, call, function in self._calls(writer):
                given = _given(call, writer)
                if given is None:
                    continue
                handed = _handed(given, function, path)
                if handed is not None:
                    waiting.append(handed)
                    continue
                where = f"{path}:{call.lineno}"
                codes = self._codes(given, function, self.trees[path])
                if codes is None:
                    self.unread.append(f"{where} {ast.unparse(given)}")
                for code in codes or ():
                    found.setdefault(f"{writer.prefix}{code}", where)

    def _calls(self, writer: Writer) -> Iterator[tuple[str, ast.Call, ast.FunctionDef | None]]:
        for path, tree in self.trees.items():
            if path == "placement/audit/service.py":
                continue  # `record` itself
            if writer.module and path != writer.module and not _imports(tree, writer.module, writer.name):
                continue
            functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _name(node.func) == writer.name:
                    around = [one for one in functions if one.lineno <= node.lineno <= (one.end_lineno or 0)]
                    yield path, node, around[-1] if around else None

    def _codes(self, given: ast.expr, function: ast.FunctionDef | None, tree: ast.Module) -> set[str] | None:
        """Return the codes an expression may give; None when that cannot be read."""
        if ast.unparse(given) in BUILT:
            return BUILT[ast.unparse(given)]
        if isinstance(given, ast.Constant):
            return {str(given.value)}
        if isinstance(given, ast.IfExp):
            both = self._codes(given.body, function, tree), self._codes(given.orelse, function, tree)
            return None if None in both else set().union(*(one for one in both if one))
        if isinstance(given, ast.Name):
            for scope in (function, tree):
                for node in ast.walk(scope) if scope else ():
                    if isinstance(node, ast.Assign) and any(_name(target) == given.id for target in node.targets):
                        return self._codes(node.value, function, tree)
        return None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _imports(tree: ast.Module, module: str, name: str) -> bool:
    """Tell whether a file imports a module's function, or the module itself."""
    dotted = module.removesuffix(".py").replace("/", ".")
    return any(
        f"{node.module}.{one.name}" in (dotted, f"{dotted}.{name}")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    )


def _given(call: ast.Call, writer: Writer) -> ast.expr | None:
    named = next((one.value for one in call.keywords if one.arg == writer.argument), None)
    if named is None and writer.place is not None and len(call.args) > writer.place:
        return call.args[writer.place]
    return named


def _handed(given: ast.expr, function: ast.FunctionDef | None, path: str) -> Writer | None:
    """Return the function around a call as a writer too, when the code is an argument of its own."""
    if function is None or not isinstance(given, ast.Name):
        return None
    places = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    if given.id in places:
        return Writer(function.name, path, given.id, places.index(given.id))
    if given.id in [one.arg for one in function.args.kwonlyargs]:
        return Writer(function.name, path, given.id, None)
    return None


def recorded() -> Recorded:
    files = (file for folder in ("placement", "agreements") for file in sorted((ROOT / folder).rglob("*.py")))
    return Recorded({str(file.relative_to(ROOT)): file.read_text() for file in files})


def test_every_recorded_code_can_be_read_and_has_its_words():
    found = recorded()
    every = set(found.actions) | set().union(*BUILT.values())
    assert not found.unread, "name these actions where they are written, or list them in BUILT"
    assert {code: found.actions.get(code) for code in every - set(ACTIONS)} == {}
    assert {code: where for code, where in found.kinds.items() if code not in KINDS} == {}
    assert set(ACTIONS) - every == set(), "a sentence for what nothing records"


def test_a_code_is_found_behind_a_function_a_name_and_a_choice():
    source = (
        "CHECKED = 'checked'\n"
        "def _log(session, action):\n    record(session, action=action, object_kind='thing')\n"
        "def act(session, yes):\n    _log(session, 'done' if yes else 'undone')\n"
        "    record(session, action=CHECKED, object_kind='thing')\n    _log(session, read_from(yes))\n"
    )
    found = Recorded({"placement/some.py": source})
    assert set(found.actions) == {"done", "undone", "checked"}
    assert set(found.kinds) == {"thing"}
    assert found.unread == ["placement/some.py:7 read_from(yes)"]
