"""Loading every reference table at once, so that a fault stops the start and not a page."""

from placement.reference import (
    agreement_rules,
    code_lists,
    competence_rules,
    deadline_rules,
    eligibility,
    hearing,
    integration_rules,
    money_rules,
    organisations,
    remedies,
    state_authorities,
    unit_rules,
)

_MODULES = (
    organisations,
    state_authorities,
    competence_rules,
    unit_rules,
    eligibility,
    code_lists,
    remedies,
    hearing,
    deadline_rules,
    agreement_rules,
    money_rules,
    integration_rules,
)


def validate() -> None:
    """Load and check every table; raises ReferenceFault that names the file and the line of the first fault.

    Checked: days, sources, codes that point into other tables, and that no key has two rows on one day.
    """
    for module in _MODULES:
        module.load()
