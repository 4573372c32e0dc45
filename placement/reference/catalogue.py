"""Every message of the reference tables that people read, for the catalogues."""

from placement.reference.rows import read_rows

_LABELS = (
    "tasks.csv",
    "unit_kinds.csv",
    "eligibility_grounds.csv",
    "remedies.csv",
    "hearing_rules.csv",
    "deadlines.csv",
    "fixed_days.csv",
    "agreement_kinds.csv",
    "codes.csv",
    "services.csv",
    "integration_services.csv",
    "pathways.csv",
)
_SENTENCES = ("remedy_sentences.csv",)


def messages() -> tuple[str, ...]:
    """Return every English message of the tables once, in the order of the tables.

    Names of authorities, counties and acts are not among them: they are proper names in their own columns.
    """
    found = [row.text("label") for file in _LABELS for row in read_rows(file)]
    found += [row.text("text") for file in _SENTENCES for row in read_rows(file)]
    return tuple(dict.fromkeys(found))
