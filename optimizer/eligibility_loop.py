"""The compiled yes-or-no of `eligibility.own_reasons` for one unit: stops at a child's first refusal."""

# mypy: ignore-errors
# ruff: noqa: C901
# Plain loops over untyped arrays, because that is what numba compiles well.

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True)
def allowed(age, support, gender, start, end, care, county, needs, tongues, language_hours, interpreter_hours,
            locked, low_age, high_age, low_support, high_support, wanted_gender, first, last, care_hours,
            quotas, offer, speaks, hours, interpreters):  # fmt: skip
    """Return the indexes of the children with no reason of their own against the unit."""
    size, services = needs.shape
    width = tongues.shape[1]
    found = np.empty(size, np.int64)
    count = 0
    for i in range(size):
        if locked[i] >= 0 or age[i] < low_age or age[i] > high_age:
            continue
        if support[i] < low_support or support[i] > high_support or care[i] > care_hours:
            continue
        if wanted_gender != -2 and gender[i] != wanted_gender:
            continue
        if quotas[county[i]] == 0 or start[i] < first or end[i] > last:
            continue
        refused = False
        for s in range(services):
            if needs[i, s] > offer[s]:
                refused = True
                break
        if refused:
            continue
        shared = -1
        for k in range(width):
            if speaks[tongues[i, k]]:
                shared = tongues[i, k]
                break
        if shared < 0:
            if interpreter_hours[i] > interpreters:
                continue
        elif language_hours[i] > hours[shared]:
            continue
        found[count] = i
        count += 1
    return found[:count].copy()
