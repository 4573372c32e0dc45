"""Several places of one act are cited with its name once."""

from __future__ import annotations

import pytest

from placement.reference import cite_briefly


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fi", "laki kotoutumisen edistämisestä (681/2023) 33 § 3 mom., 55 § 1 mom. 7 kohta"),
        ("sv", "lagen om främjande av integration (681/2023) 33 § 3 mom., 55 § 1 mom. 7 punkten"),
        ("en", "Integration Act (681/2023) section 33(3), section 55(1)(7)"),
    ],
)
def test_an_act_is_named_once(language, said):
    assert cite_briefly("681/2023 §33.3 §55.1(7)", language) == said


def test_another_act_is_named_too():
    assert cite_briefly("681/2023 §33.3; 1386/2010 §28", "fi").count("(") == 2
