"""Finnish personal identity codes: check, read, and invent for the demo.

A code is ddmmyy, a sign for the century, three digits and a check sign. Signs: `+` 1800s; `-` and Y X W V U
1900s; A to F 2000s (Decree 690/2022). Serials 900-999 are never issued to a person, so the demo uses them.
No message of this module repeats the code.
"""

from dataclasses import dataclass
from datetime import date

from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, ValidationError
from stdnum.fi import hetu

MALE = "male"
FEMALE = "female"

FIRST_TEMPORARY = 900
_CENTURY_OF = {"+": 1800, **dict.fromkeys("-YXWVU", 1900), **dict.fromkeys("ABCDEF", 2000)}
_SIGNS_OF = {1800: "+", 1900: "-YXWVU", 2000: "ABCDEF"}
_CHECK_SIGNS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SERIALS_PER_GENDER = 50


class InvalidIdentityCode(ValueError):
    """An identity code is not valid. `reason` is format, date, check or temporary."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class IdentityCode:
    """A valid code in capitals, with what it says. `gender` is male or female, as registered.

    `repr` does not show the code: it must not reach a log.
    """

    code: str
    birth_date: date
    gender: str
    temporary: bool

    def __repr__(self) -> str:
        return "IdentityCode(…)"


def parse_identity_code(text: str, *, allow_temporary: bool = False) -> IdentityCode:
    """Return the code in capitals without blanks around it, its birth date and its gender.

    Raises InvalidIdentityCode with the reason: format, date (no such day, or a serial below 002), check
    (the check sign does not match: a typing mistake), temporary (serial 900-999, refused unless
    `allow_temporary`, which only demo and test set).
    """
    try:
        code = hetu.validate(text, allow_temporary=True)
    except InvalidFormat:
        raise InvalidIdentityCode("format", "write the code as ddmmyy, a sign, three digits and a check sign") from None
    except InvalidChecksum:
        raise InvalidIdentityCode("check", "the check sign does not match; type the code again") from None
    except InvalidComponent:
        raise InvalidIdentityCode("date", "the code has no such day or serial; type it again") from None
    except ValidationError:
        raise InvalidIdentityCode("format", "the code cannot be read; type it again") from None
    serial = int(code[7:10])
    temporary = serial >= FIRST_TEMPORARY
    if temporary and not allow_temporary:
        raise InvalidIdentityCode("temporary", "serials 900-999 are never issued; use the registered code")
    return IdentityCode(code, _birth_date(code), MALE if serial % 2 else FEMALE, temporary)


def _birth_date(code: str) -> date:
    return date(_CENTURY_OF[code[6]] + int(code[4:6]), int(code[2:4]), int(code[:2]))


def demo_identity_code(birth_date: date, gender: str, sequence: int = 0) -> str:
    """Return an invented valid code with a serial of 900-999; each `sequence` from 0 gives another code.

    A day has 300 such codes for each gender (50 for those born in the 1800s, when there is one sign).
    Raises ValueError for another gender than male or female, a birth outside 1800-2099, or a sequence
    beyond the last code.
    """
    if gender not in (MALE, FEMALE):
        raise ValueError(f"gender is {gender!r}; give {MALE} or {FEMALE}")
    signs = _SIGNS_OF.get(birth_date.year // 100 * 100)
    if signs is None:
        raise ValueError(f"codes exist for births from 1800 to 2099, not {birth_date.year}")
    if not 0 <= sequence < len(signs) * _SERIALS_PER_GENDER:
        raise ValueError(f"{birth_date} has no invented code number {sequence}; use another birth date")
    turn, place = divmod(sequence, _SERIALS_PER_GENDER)
    serial = FIRST_TEMPORARY + 2 * place + (1 if gender == MALE else 0)
    day = birth_date.strftime("%d%m%y")
    check = _CHECK_SIGNS[int(f"{day}{serial}") % len(_CHECK_SIGNS)]
    return f"{day}{signs[turn]}{serial}{check}"
