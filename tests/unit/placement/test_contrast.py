"""The colours of the service: every declared pair is readable in both themes, and no colour escapes the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "placement" / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")
COLOUR = re.compile(r"^\s*(--[a-z0-9-]+): light-dark\((#[0-9a-f]{6,8}), (#[0-9a-f]{6,8})\);", re.MULTILINE)
PAIR = re.compile(r"^\s*pair (--[a-z0-9-]+) on (--[a-z0-9-]+) ([0-9.]+)$", re.MULTILINE)

COLOURS = {name: {"light": light, "dark": dark} for name, light, dark in COLOUR.findall(TOKENS)}
PAIRS = [(above, below, float(least)) for above, below, least in PAIR.findall(TOKENS)]
DECORATIVE = set(re.findall(r"--[a-z0-9-]+", re.findall(r"^\s*decorative (.*)$", TOKENS, re.MULTILINE)[0]))

# What may stand in a sheet besides the tokens: nothing a reader must tell apart depends on it.
ALLOWED_ELSEWHERE = {"print.css": {"#000"}}


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, whichever is the lighter."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_greatest_contrast_and_a_colour_on_itself_none():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#12454f", "#12454f") == pytest.approx(1)


def test_the_sheet_declares_colours_and_pairs():
    assert len(COLOURS) > 30
    assert len(PAIRS) > 60
    assert TOKENS.count("light-dark(#") == len(COLOURS), "a colour is written in a form this test cannot read"
    assert len(re.findall(r"^\s*pair ", TOKENS, re.MULTILINE)) == len(PAIRS), "a pair line cannot be read"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("above", "below", "least"), PAIRS, ids=lambda part: str(part).lstrip("-"))
def test_a_declared_pair_can_be_told_apart(above: str, below: str, least: float, theme: str):
    ratio = contrast(COLOURS[above][theme], COLOURS[below][theme])

    assert ratio >= least, f"{above} on {below} is {ratio:.2f}:1 in the {theme} theme, needs {least}:1"


def test_text_and_controls_ask_no_less_than_the_law():
    asked = {least for _, _, least in PAIRS}

    assert asked == {3.0, 4.5}


def test_every_colour_stands_in_a_pair_or_is_named_decorative():
    paired = {name for above, below, _ in PAIRS for name in (above, below)}

    assert set(COLOURS) - paired - DECORATIVE == set()
    assert DECORATIVE & paired == set()


@pytest.mark.parametrize("sheet", sorted(path.name for path in CSS.glob("*.css") if path.name != "tokens.css"))
def test_no_sheet_writes_a_colour_of_its_own(sheet: str):
    text = re.sub(r"/\*.*?\*/", "", (CSS / sheet).read_text(encoding="utf-8"), flags=re.DOTALL)
    written = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)|\b(?:rgb|hsl|oklch)a?\([^)]*\)", text))

    assert written - ALLOWED_ELSEWHERE.get(sheet, set()) == set()


@pytest.mark.parametrize("sheet", sorted(path.name for path in CSS.glob("*.css")))
def test_every_token_that_is_used_exists(sheet: str):
    known = set(re.findall(r"^\s*(--[a-z0-9-]+):", TOKENS, re.MULTILINE))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", (CSS / sheet).read_text(encoding="utf-8")))

    assert used - known == set()
