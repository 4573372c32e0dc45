"""From a pair-resource instance to the pipeline's arrays.

Bins that share a resource row become one unit, so that rows never cross units.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from optimizer.pipeline.model import Goal, Model, Peaks, Rows, UnitPart
from optimizer.problem import PairInstance


def build(instance: PairInstance) -> Model:
    """Return the model of `instance`, its pairs ordered by unit."""
    unit_of_bin = _joined_bins(instance)
    units = sorted(set(unit_of_bin))
    rank = {unit: index for index, unit in enumerate(units)}
    unit = np.array([rank[unit_of_bin[bin_]] for bin_ in instance.pairs.bin], np.int64)
    order = np.lexsort((np.array(instance.pairs.item, np.int64), unit))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    item = np.array(instance.pairs.item, np.int64)[order]
    bins = np.array(instance.pairs.bin, np.int64)[order]
    bounds = np.searchsorted(unit[order], np.arange(len(units) + 1))
    rows: dict[int, list[tuple[int, dict[int, int]]]] = defaultdict(list)
    for resource in instance.resources:
        terms: dict[int, int] = defaultdict(int)
        for pair, use in zip(resource.pair, resource.use, strict=True):
            terms[int(place[pair])] += use
        if sum(terms.values()) > resource.cap:
            rows[int(unit[resource.pair[0]])].append((resource.cap, terms))
    parts = []
    for index in range(len(units)):
        first, last = int(bounds[index]), int(bounds[index + 1])
        own = [*rows[index], *_once(item[first:last], first)]
        uses = np.zeros((last - first, len(own)), np.int64)
        for row, (_, terms) in enumerate(own):
            for pair, amount in terms.items():
                uses[pair - first, row] = amount
        caps = np.array([cap for cap, _ in own], np.int64)
        none = Peaks(np.zeros((last - first, 0), np.int64), np.zeros(0, np.int64))
        parts.append(UnitPart(first, last, Rows(uses, caps), (), none))
    return Model(
        items=instance.items,
        must=np.full(instance.items, instance.must_assign),
        item=item,
        unit=unit[order],
        parts=tuple(parts),
        goals=(Goal("value", instance.sense, 0, np.array(instance.pairs.value, np.int64)[order]),),
        limits=(),
        fixed={str(index): None for index in range(instance.items)},
        labels=[((str(i), int(b)),) for i, b in zip(item.tolist(), bins.tolist(), strict=True)],
    )


def _joined_bins(instance: PairInstance) -> list[int]:
    """Return for each bin the least bin it is joined with by resource rows."""
    parent = list(range(instance.bins))

    def root(bin_: int) -> int:
        while parent[bin_] != bin_:
            parent[bin_] = parent[parent[bin_]]
            bin_ = parent[bin_]
        return bin_

    for resource in instance.resources:
        met = {root(instance.pairs.bin[pair]) for pair in resource.pair}
        least = min(met, default=0)
        for one in met:
            parent[one] = least
    return [root(bin_) for bin_ in range(instance.bins)]


def _once(item: np.ndarray, first: int) -> list[tuple[int, dict[int, int]]]:
    """Return a row per item with several pairs in the unit: at most one of them."""
    pairs_of: dict[int, list[int]] = defaultdict(list)
    for at, one in enumerate(item.tolist()):
        pairs_of[one].append(first + at)
    return [(1, dict.fromkeys(pairs, 1)) for pairs in pairs_of.values() if len(pairs) > 1]
