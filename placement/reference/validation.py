"""Loading every reference table at once, so that a fault stops the start and not a page."""

from datetime import date

from placement.reference import (
    agreement_kinds,
    authorities,
    codes,
    competence,
    deadlines,
    eligibility,
    hearing,
    organisations,
    remedies,
    unit_kinds,
)

_BEGINNING_OF_TIME = date(1900, 1, 1)


def validate() -> None:
    """Load and check every table; raises ReferenceFault that names the file and the line of the first fault.

    Checked: days, sources, codes that point into other tables, and that no key has two rows on one day.
    """
    for load in _LOADERS:
        load()


def _ignore_absence() -> None: ...
