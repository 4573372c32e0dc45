"""The public reference checker of the model, where it lies beside the project; absent, tests are skipped."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

SHARED = Path(os.environ.get("PLACEMENT_SHARED", Path(__file__).parents[4] / "shared"))


def checker() -> ModuleType:
    """Return the reference checker as a module, or skip the test."""
    path = SHARED / "optimizer" / "reference_check.py"
    if not path.exists():
        pytest.skip("the public reference checker is not beside the project")
    spec = importlib.util.spec_from_file_location("reference_check", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def file(*parts: str) -> str:
    """Return the path of a public file beside the project, or skip the test."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip("the public data is not beside the project")
    return str(path)
