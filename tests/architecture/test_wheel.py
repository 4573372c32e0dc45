"""A wheel carries templates, translations, static files and migrations, and serves the demo away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVE = """
import placement, sys
from placement.app import create_app
assert "site" in placement.__file__, placement.__file__
client = create_app().test_client()
page = client.get("/login?lang=fi")
assert page.status_code == 200 and "Aloita Liisana" in page.get_data(as_text=True)
assert client.get("/static/css/service.css").status_code == 200
assert client.get("/how-proposals-are-made").status_code == 200
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_a_wheel_holds_what_pages_and_commands_need(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "placement/templates/_layout/base.html", "placement/translations/fi/kit.po", "placement/static/css/service.css",
        "placement/migrations/versions/0001_first_tables.py", "placement/reference/data/municipalities.csv",
        "placement/documents/letter.typ", "agreements/tables.py", "optimizer/verify.py",
    ):  # fmt: skip
        assert part in names
    assert [name for name in names if name.startswith("tests/")] == []


@pytest.mark.slow
def test_an_installed_wheel_serves_the_demo(wheel, tmp_path):
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "--target", str(site), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(site), "PLACEMENT_ENV": "demo"}
    for arguments in (["-m", "placement", "demo", "load"], ["-m", "placement", "propose"], ["-c", SERVE]):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
