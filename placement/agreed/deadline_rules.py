"""The days that come up in the life of an agreement, as pure rules. Days are inclusive last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from agreements.life_rules import months_later, notice_day


class Kind(StrEnum):
    """What the day is about; in the order in which deadlines of one day are told."""

    HEARING = "hearing-due"
    NOTICE = "notice-day"
    ENDS = "agreement-ends"
    REVIEW = "review-due"
    REGISTRATION = "registration-ends"
    MANDATE = "mandate-ends"


@dataclass(frozen=True, slots=True)
class InForceFacts:
    """What the days of an agreement in force follow from.

    `reviewed_on` is the first day of the version or its last review, whichever is later; `law_due` the day by which
    the law asks for the next one (municipal places, 681/2023 § 42.2), None where it asks for none. `ends_on` None =
    until further notice; `by_term`: the end is that of the term.
    """

    reviewed_on: date
    ends_on: date | None
    by_term: bool
    notice_months: int
    review_months: int
    law_due: date | None


def days_of(facts: InForceFacts, on: date) -> list[tuple[Kind, date]]:
    """Return the days to come of an agreement in force, and a review that is overdue.

    The day of notice is the last on which notice still ends the agreement before its term does; it is told while it
    is to come, and only where the end follows from the term. A review is due so many months after the first day of
    the version or the last review: as agreed, or as the law asks, whichever is sooner.
    """
    found = [(Kind.REVIEW, review_due(facts))]
    if facts.ends_on is not None:
        found.append((Kind.ENDS, facts.ends_on))
        if facts.by_term and facts.notice_months:
            last = notice_day(facts.ends_on, facts.notice_months)
            found += [(Kind.NOTICE, last)] if last >= on else []
        found = [(kind, day) for kind, day in found if kind is not Kind.REVIEW or day <= facts.ends_on]
    return found


def review_due(facts: InForceFacts) -> date:
    """Return the day by which the agreement is to be reviewed next."""
    agreed = months_later(facts.reviewed_on, facts.review_months)
    return agreed if facts.law_due is None else min(agreed, facts.law_due)
