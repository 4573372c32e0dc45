"""Values that checks and signing share: a mandate as the host knows it, and the day of an instant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from agreements.in_force import Coverage
from agreements.period import Period
from agreements.tables import Agreement, AgreementParty, AgreementSignature, AgreementUnit, AgreementVersion

HELSINKI = ZoneInfo("Europe/Helsinki")
UNREADABLE = (ValueError, LookupError, TypeError)
"""What reading a row raises when a byte of a day, a word or a JSON text in it was changed."""


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """A mandate as the host knows it; days inclusive."""

    user_id: int
    organisation_id: int
    period: Period


@dataclass(frozen=True)
class Result:
    """One rule: how many cases were compared, and a sentence for each that breaks it."""

    id: str
    checked: int
    breaches: list[str] = field(default_factory=list)


def signing_day(at: datetime) -> date:
    """Return the Helsinki day of an instant."""
    return at.astimezone(HELSINKI).date()


@dataclass(frozen=True)
class Books:
    """All agreements, loaded once for every check."""

    versions: dict[int, AgreementVersion]
    agreements: dict[int, Agreement]
    parties: dict[int, list[AgreementParty]]
    signatures: dict[int, list[AgreementSignature]]
    units: dict[int, list[AgreementUnit]]
    coverage: list[Coverage]
    periods: dict[int, Period]

    def name(self, version: AgreementVersion) -> str:
        return f"{self.agreements[version.agreement_id].ref} v{version.number}"

    def numbered(self, agreement_id: int, number: int | None) -> AgreementVersion | None:
        found = (row for row in self.versions.values() if (row.agreement_id, row.number) == (agreement_id, number))
        return next(found, None)
