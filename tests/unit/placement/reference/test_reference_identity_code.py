"""Identity codes: every century sign, no issued serial in the demo, and no code in a message."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placement.reference import FEMALE, MALE, InvalidIdentityCode, demo_identity_code, parse_identity_code
from placement.reference.identity_code import _CHECK_SIGNS


def code_of(day: str, sign: str, serial: int) -> str:
    return f"{day}{sign}{serial:03d}{_CHECK_SIGNS[int(f'{day}{serial:03d}') % 31]}"


@pytest.mark.parametrize(
    ("sign", "year"),
    [("+", 1810), *((sign, 1910) for sign in "-YXWVU"), *((sign, 2010) for sign in "ABCDEF")],
)
def test_every_sign_tells_its_century(sign, year):
    found = parse_identity_code(code_of("240210", sign, 901), allow_temporary=True)
    assert found.birth_date == date(year, 2, 24)
    assert found.temporary


@pytest.mark.parametrize("sign", "GHZ/ 1")
def test_any_other_sign_is_refused(sign):
    with pytest.raises(InvalidIdentityCode) as refused:
        parse_identity_code(code_of("240210", sign, 901), allow_temporary=True)
    assert refused.value.reason == "format"


@pytest.mark.parametrize(("serial", "reason"), [(1, "date"), (900, "temporary"), (999, "temporary")])
def test_serials_that_nobody_has_are_refused(serial, reason):
    with pytest.raises(InvalidIdentityCode) as refused:
        parse_identity_code(code_of("240210", "A", serial))
    assert refused.value.reason == reason


@pytest.mark.parametrize("serial", [2, 899])
def test_serials_at_the_border_of_the_issued_ones_are_accepted(serial):
    found = parse_identity_code(code_of("240210", "A", serial))
    assert not found.temporary


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        ("240210A901", "format"),
        ("not a code", "format"),
        (code_of("300210", "A", 901), "date"),
        (code_of("290210", "A", 901), "date"),
        (code_of("240210", "A", 901)[:-1] + "Q", "format"),
    ],
)
def test_a_code_that_cannot_be_is_refused_with_the_reason(text, reason):
    with pytest.raises(InvalidIdentityCode) as refused:
        parse_identity_code(text, allow_temporary=True)
    assert refused.value.reason == reason


def test_a_leap_day_is_a_day():
    assert parse_identity_code(code_of("290212", "A", 901), allow_temporary=True).birth_date == date(2012, 2, 29)


def test_small_letters_and_blanks_around_are_read():
    code = code_of("240210", "A", 902)
    assert parse_identity_code(f"  {code.lower()} ", allow_temporary=True).code == code


def test_odd_serials_are_male_and_even_ones_female():
    assert parse_identity_code(code_of("240210", "A", 901), allow_temporary=True).gender == MALE
    assert parse_identity_code(code_of("240210", "A", 902), allow_temporary=True).gender == FEMALE


@given(st.text(max_size=14))
def test_any_text_is_read_or_refused_with_a_reason(text):
    assert _reason(text) in (None, "format", "date", "check", "temporary")


def _reason(text: str) -> str | None:
    try:
        parse_identity_code(text)
    except InvalidIdentityCode as refused:
        return refused.reason
    return None


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from((MALE, FEMALE)), st.integers(0, 299))
def test_an_invented_code_is_valid_says_what_it_was_made_of_and_is_never_issued(born, gender, sequence):
    code = demo_identity_code(born, gender, sequence)
    found = parse_identity_code(code, allow_temporary=True)
    assert (found.birth_date, found.gender, found.temporary) == (born, gender, True)
    with pytest.raises(InvalidIdentityCode):
        parse_identity_code(code)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(born, place, step):
    code = demo_identity_code(born, MALE)
    if not code[place].isdigit():
        return
    wrong = code[:place] + str((int(code[place]) + step) % 10) + code[place + 1 :]
    with pytest.raises(InvalidIdentityCode):
        parse_identity_code(wrong, allow_temporary=True)


def test_invented_codes_of_one_day_are_all_different():
    made = {demo_identity_code(date(2010, 2, 24), g, n) for g in (MALE, FEMALE) for n in range(300)}
    assert len(made) == 600


@pytest.mark.parametrize(
    ("born", "gender", "sequence"),
    [
        (date(2010, 2, 24), "unknown", 0),
        (date(2010, 2, 24), MALE, 300),
        (date(2010, 2, 24), MALE, -1),
        (date(1810, 2, 24), MALE, 50),
        (date(1799, 2, 24), MALE, 0),
    ],
)
def test_a_code_that_cannot_be_invented_is_refused(born, gender, sequence):
    with pytest.raises(ValueError):
        demo_identity_code(born, gender, sequence)


def test_no_message_and_no_repr_shows_the_code():
    code = code_of("240210", "A", 901)
    assert code not in repr(parse_identity_code(code, allow_temporary=True))
    for text in (code, code[:-1] + "0"):
        with pytest.raises(InvalidIdentityCode) as refused:
            parse_identity_code(text)
        assert code[:6] not in str(refused.value)
        assert refused.value.__cause__ is None
