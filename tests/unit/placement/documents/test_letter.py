"""The letter as a file: tagged, titled, in its language, the same bytes each time, and safe from what people type."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader

from placement.documents.letter import Letter, Section, SignNotShown, Words, pdf

LETTER = Letter(
    language="fi",
    title="Päätös asumisen järjestämisestä DE 188/2026",
    authority="Pirkanmaan hyvinvointialue",
    number="DE 188/2026",
    written_on=date(2026, 11, 24),
    facts=(("Lapsi", "Åke Äiti-Öberg"),),
    sections=(
        Section("Perustelut", texts=(Words("Ensimmäinen kappale.\n\nToinen kappale.", "fi"),)),
        Section("Säännökset", items=("kotoutumislaki (681/2023) 33 §",), rows=(("Kieli", "somali"),)),
    ),
    note="Tämä on käännös.",
    demo="DEMO – keksittyjä tietoja",
)


def read(letter: Letter) -> PdfReader:
    return PdfReader(BytesIO(pdf(letter)))


def words(letter: Letter) -> str:
    return "\n".join(page.extract_text() for page in read(letter).pages)


def test_the_file_is_tagged_and_names_its_language_title_and_day():
    file = read(LETTER)
    root = file.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF boolean, equal to True but another object
    assert root["/Lang"] == "fi"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] == True  # noqa: E712
    assert file.metadata is not None
    assert file.metadata.title == LETTER.title
    assert file.metadata.author == LETTER.authority
    assert file.metadata.creation_date is not None
    assert file.metadata.creation_date.date() == LETTER.written_on


def test_the_file_declares_that_it_is_universally_accessible():
    assert b"pdfuaid:part" in read(LETTER).trailer["/Root"]["/Metadata"].get_data()


def _kinds(element: object) -> list[str]:
    found: list[str] = []
    node = element.get_object()  # type: ignore[attr-defined]
    if isinstance(node, list):
        for one in node:
            found += _kinds(one)
    elif isinstance(node, dict):
        found += [str(node["/S"])] if "/S" in node else []
        found += _kinds(node["/K"]) if "/K" in node else []
    return found


def test_headings_and_lists_are_headings_and_lists_to_a_screen_reader():
    kinds = _kinds(read(LETTER).trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert kinds.count("/H1") == 1
    assert kinds.count("/H2") == len(LETTER.sections)
    assert "/L" in kinds
    assert "/LI" in kinds
    assert "/P" in kinds


def test_everything_given_is_said_with_its_letters():
    said = words(LETTER)
    for text in ("Åke Äiti-Öberg", "Ensimmäinen kappale.", "Toinen kappale.", "33 §", "somali", "Tämä on käännös."):
        assert text in said


def test_the_same_letter_is_the_same_bytes():
    assert pdf(LETTER) == pdf(replace(LETTER))


def test_another_day_is_another_file():
    assert pdf(LETTER) != pdf(replace(LETTER, written_on=date(2026, 11, 25)))


def test_invented_data_is_marked_on_every_page_and_real_data_is_not():
    long = replace(LETTER, sections=(Section("Perustelut", texts=(Words("rivi\n" * 200, "fi"),)),))
    pages = [page.extract_text() for page in read(long).pages]
    assert len(pages) > 2
    assert all("DEMO – keksittyjä tietoja" in page for page in pages)
    assert "DEMO" not in words(replace(LETTER, demo=None))


@pytest.mark.parametrize(
    "typed",
    [
        '#import "/etc/passwd"',
        '#read("/etc/passwd")',
        "*ei lihavoi* _ei kursivoi_ = ei otsikko",
        "$x$ `koodi` @viite <tunnus> \\ https://example.org //",
        '"] #eval("1") [',
    ],
)
def test_what_people_type_is_printed_and_never_carried_out(typed):
    letter = replace(LETTER, sections=(Section("Perustelut", texts=(Words(typed, "fi"),)),))
    assert typed in words(letter).replace("\n", " ")


def test_a_sign_without_a_font_is_refused_and_named():
    with pytest.raises(SignNotShown) as refused:
        pdf(replace(LETTER, note="hyvä 😀"))
    assert refused.value.sign == "😀"


def test_letters_of_other_languages_of_the_field_can_be_printed():
    typed = "Привіт · مرحبا · ğşı · Ελλάδα"
    letter = replace(LETTER, sections=(Section("Mielipide", texts=(Words(typed, "fi"),)),))
    assert "Привіт" in words(letter)
