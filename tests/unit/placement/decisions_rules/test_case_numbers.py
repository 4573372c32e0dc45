from __future__ import annotations

import pytest

from placement.decisions import case_numbers


def test_a_case_number_is_read_as_it_is_written():
    assert case_numbers.write(188, 2026) == "DE 188/2026"
    assert case_numbers.read("DE 188/2026") == (188, 2026)


@pytest.mark.parametrize("text", ["DE 188", "DE188/2026", "CL 1/2026", "DE 1/2026-8", ""])
def test_what_is_no_case_number_is_refused(text):
    with pytest.raises(ValueError, match="no case number"):
        case_numbers.read(text)
