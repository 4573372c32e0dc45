"""A file is what its first bytes say, and only where its name says the same."""

from __future__ import annotations

import pytest

from agreements.attachments import MOST_BYTES, media_type, safe_name
from agreements.refused import Refused


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "attachment-empty"),
        ("a.pdf", b"%PDF-" + b"x" * MOST_BYTES, "attachment-large"),
        ("a.pdf", b"<html>", "attachment-kind"),
        ("a.png", b"%PDF-1.7", "attachment-kind"),
        ("a.exe", b"MZ", "attachment-kind"),
    ],
)
def test_a_file_that_its_name_belies_is_refused(name, content, code):
    with pytest.raises(Refused) as refused:
        media_type(name, content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("A.PDF", b"%PDF-1.7", "application/pdf"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "image/png"),
    ],
)
def test_a_file_is_known_by_its_first_bytes(name, content, kind):
    assert media_type(name, content) == kind


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\talous arvio.pdf", "talous arvio.pdf"),
        ('a"\r\nb.pdf', "a___b.pdf"),
        ("..", "file"),
    ],
)
def test_a_name_holds_nothing_that_means_something_elsewhere(name, kept):
    assert safe_name(name) == kept
