"""Every message has its Finnish and Swedish, the same placeholders, and no catalogue keeps what nothing says."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from placement import reference

ROOT = Path(__file__).parents[2]
CATALOGUES = ROOT / "placement" / "translations"
KEYWORDS = {
    "_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None,
    "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2), "lazy_ngettext": (1, 2),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
JINJA = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
Message = tuple[str | None, str]


@functools.cache
def said() -> frozenset[Message]:
    """Every message of the code and the templates, and every word of the dated reference table."""
    return frozenset(_said())


def _said() -> Iterator[Message]:
    for folder, method in (("placement", [("**.py", "python")]), ("templates", [("**.html", "jinja2")])):
        options = {"**.html": JINJA}
        for _, _, message, _, context in extract_from_dir(
            ROOT / folder, method, options, KEYWORDS, directory_filter=lambda _: True
        ):
            singular = message[0] if isinstance(message, tuple) else message
            yield context, singular
    for text in reference.messages():
        yield None, text


def translated(language: str) -> dict[Message, list[tuple[str, object]]]:
    found: dict[Message, list[tuple[str, object]]] = {}
    for file in sorted((CATALOGUES / language).glob("*.po")):
        for message in read_po(BytesIO(file.read_bytes()), locale=language):
            if not message.id:
                continue
            assert not message.fuzzy, f"{file.name}: {message.id!r} is fuzzy"
            key = (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
            found.setdefault(key, []).append((file.name, message.string))
    return found


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_message_is_translated(language):
    have = translated(language)
    missing = sorted({text for context, text in said() if (context, text) not in have})
    assert missing == []


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_no_translation_is_empty_or_loses_a_placeholder(language):
    faults = []
    for (_, text), entries in translated(language).items():
        for file, string in entries:
            for form in string if isinstance(string, tuple) else (string,):
                if not form:
                    faults.append(f"{file}: {text!r} is empty")
                elif set(PLACEHOLDER.findall(form)) != set(PLACEHOLDER.findall(text)):
                    faults.append(f"{file}: {text!r} has other placeholders than {form!r}")
    assert faults == []


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_one_message_has_one_translation(language):
    twice = {
        text: {string for _, string in entries}
        for (_, text), entries in translated(language).items()
        if len({str(string) for _, string in entries}) > 1
    }
    assert twice == {}


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_no_catalogue_keeps_what_nothing_says(language):
    spoken = said()
    left = [
        (entries[0][0], text)
        for (context, text), entries in translated(language).items()
        if (context, text) not in spoken
    ]
    assert left == []


def test_no_message_hides_inside_an_f_string():
    """The extractor does not look there, so such a message would stay English unseen."""
    hidden = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for file in sorted((ROOT / "placement").rglob("*.py"))
        for text in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KEYWORDS
        and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []
