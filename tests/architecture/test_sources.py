"""The shape of the code: file sizes, names, and no address or path of one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("placement", "optimizer", "agreements")
EMPTY_NAMES = re.compile(r"(^|/)(utils?|helpers?|common|misc|manager)(\.py|/)")


def sources() -> list[Path]:
    return [
        file
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if "migrations/versions" not in file.as_posix()
    ]


def test_no_file_is_longer_than_400_lines():
    long = {str(file.relative_to(ROOT)): n for file in sources() if (n := len(file.read_text().splitlines())) > 400}
    assert long == {}


def test_no_file_has_a_name_that_says_nothing():
    assert [str(file) for file in sources() if EMPTY_NAMES.search(file.relative_to(ROOT).as_posix())] == []


def test_no_unfinished_work_is_left_in_the_code():
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
    assert [str(file) for file in sources() if pattern.search(file.read_text())] == []


def test_the_web_process_does_not_load_the_solver():
    code = (
        "import sys; from placement.app import create_app; create_app({'PLACEMENT_ENV': 'test'});"
        "sys.exit(any(name.split('.')[0] in ('ortools', 'highspy', 'pandas') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
