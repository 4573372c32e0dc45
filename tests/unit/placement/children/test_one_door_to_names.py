"""A child's name is read in few places, and each of them logs the look or writes the record."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import placement

pytestmark = pytest.mark.fast
ROOT = Path(placement.__file__).parent
NAMES = {"first_name", "last_name"}
DOORS = {
    "children/access.py": "the door: it checks the relation and writes the use log",
    "children/service.py": "writes the record of a child being added",
    "children/record_rules.py": "what was typed, before there is a record",
    "children/writing.py": "writes a section of the record",
    "web/child_parts.py": "fills the edit form from an opened child, and reads what was typed",
    "checks/privacy.py": "looks for names where none may stand (X6); it tells where, never which",
    "decisions/letters.py": "the document of a decision names the child; the page that hands it out opens the child",
}


def readers():
    found = set()
    for file in ROOT.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.Attribute) and node.attr in NAMES for node in ast.walk(tree)):
            found.add(file.relative_to(ROOT).as_posix())
    return found


def test_names_are_read_behind_known_doors_only():
    outside = {file for file in readers() if not file.startswith(("demo/", "imports/"))} - set(DOORS)
    assert outside == set()


def test_only_the_door_makes_an_identity():
    makers = {
        file.relative_to(ROOT).as_posix()
        for file in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Identity", "Opened")
    }
    assert makers == {"children/access.py"}
