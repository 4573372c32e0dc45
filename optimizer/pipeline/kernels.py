"""The inner loop: the best pattern of one unit at given prices, exactly, in integers (compiled by numba).

A pattern is a set of pairs of the unit that keeps all its rows. `price` bounds it by tables over the few
rows that matter most (an exact knapsack in up to five dimensions, the other rows priced into the weights)
and closes what is left by depth-first search. Each stage is dearer and tighter than the one before.
"""

# mypy: ignore-errors
# Plain loops over untyped arrays, because that is what numba compiles well.

from __future__ import annotations

import numba
import numpy as np

from optimizer.pipeline.tables import DIMS, choose, fill, multipliers, search

FAR = np.int64(2**61)


@numba.njit(cache=True)
def price(
    use_all,
    cap_all,
    weight_all,
    row_price,
    group_all,
    points,
    peak_all,
    peak_base,
    peak_factor,
    lower,
    rooms,
    allowances,
    steps,
):
    """Return (best, chosen, found, exact, upper): the best pattern's worth if above `lower`.

    `weight_all[pair]` and `points` are integers of any scale; the worth is weights plus points of whole
    groups minus `peak_factor` times the unit's peak. `rooms` and `allowances` give each stage's table size
    and search nodes; `row_price` is where the multipliers start and is updated. Without `exact`, `upper`
    bounds what may have been missed; otherwise `upper` is max(lower, best).
    """
    chosen = np.zeros(len(weight_all), np.bool_)
    keep = weight_all > 0
    for g in range(len(points)):
        for i in range(len(weight_all)):
            if group_all[i, g] and points[g] > 0:
                keep[i] = True
    index = np.flatnonzero(keep)
    size = len(index)
    live = np.zeros(len(cap_all), np.bool_)
    for r in range(len(cap_all)):
        need = np.int64(0)
        for i in index:
            need += use_all[i, r]
        live[r] = need > cap_all[r]
    row_index = np.flatnonzero(live)
    rows = len(row_index)
    use = np.empty((size, rows), np.int64)
    cap = np.empty(rows, np.int64)
    weight = np.empty(size, np.int64)
    start = np.empty(rows)
    for r in range(rows):
        cap[r] = cap_all[row_index[r]]
        start[r] = row_price[row_index[r]]
    for i in range(size):
        weight[i] = weight_all[index[i]]
        for r in range(rows):
            use[i, r] = use_all[index[i], row_index[r]]
    fractional = multipliers(use, cap, weight, start, steps, float(max(lower, 0)))
    asked = np.empty(rows, np.int64)
    for r in range(rows):
        row_price[row_index[r]] = fractional[r]
        asked[r] = np.int64(fractional[r])
    key = np.empty(size, np.int64)
    for i in range(size):
        net_i = weight[i]
        for r in range(rows):
            net_i -= asked[r] * use[i, r]
        key[i] = -abs(net_i)
    order = np.argsort(key, kind="mergesort")
    index, use, weight = index[order], use[order], weight[order]
    group_of = group_all[index]
    peak_use = peak_all[index]
    violated = np.zeros(rows, np.bool_)
    best, found, upper = lower, False, FAR
    x = np.zeros(size, np.bool_)
    best_x = np.zeros(size, np.bool_)
    dims, grain = np.zeros(DIMS, np.int64), np.ones(DIMS, np.int64)
    top, strides = np.zeros(DIMS, np.int64), np.ones(DIMS, np.int64)
    steps_of = np.zeros((size, DIMS), np.int64)
    net = np.empty(size, np.int64)
    left = np.empty(rows, np.int64)
    exact_row = np.zeros(rows, np.bool_)
    hope = np.int64(0)
    for g in range(len(points)):
        hope += points[g]
    high = np.int64(0)
    for t in range(len(peak_base)):
        high = max(high, peak_base[t])
    plain = hope - peak_factor * high
    for stage in range(len(rooms)):
        count = choose(cap, asked, violated, rooms[stage], dims, grain) if rooms[stage] > 1 else 0
        exact_row[:] = False
        top[:] = 0
        steps_of[:] = 0
        offered = asked.copy()
        for q in range(count):
            top[q] = cap[dims[q]] // grain[q]
            for i in range(size):
                steps_of[i, q] = use[i, dims[q]] // grain[q]
            if grain[q] == 1:
                exact_row[dims[q]] = True
                offered[dims[q]] = 0
        strides[DIMS - 1] = 1
        for q in range(DIMS - 2, -1, -1):
            strides[q] = strides[q + 1] * (top[q + 1] + 1)
        full = np.int64(0)
        for q in range(DIMS):
            full += top[q] * strides[q]
        table = np.empty((size + 1, full + 1), np.int64)
        kept = offered.copy()
        least, length = FAR, 1.0
        turns = 8 if count else 1
        for turn in range(turns + 1):
            if turn == turns:
                offered[:] = kept
            slack = np.int64(0)
            for r in range(rows):
                slack += offered[r] * cap[r]
                left[r] = cap[r]
            for i in range(size):
                net[i] = weight[i]
                for r in range(rows):
                    net[i] -= offered[r] * use[i, r]
            fill(net, steps_of, top, strides, table)
            bound = table[0, full] + slack + plain
            at, worth = full, np.int64(0)
            for i in range(size):
                x[i] = table[i, at] != table[i + 1, at]
                if x[i]:
                    worth += weight[i]
                    for q in range(DIMS):
                        at -= steps_of[i, q] * strides[q]
                    for r in range(rows):
                        left[r] -= use[i, r]
            fits = True
            for r in range(rows):
                if left[r] < 0:
                    fits = False
                    violated[r] = True
            if fits:
                for g in range(len(points)):
                    whole = True
                    for i in range(size):
                        if group_of[i, g] and not x[i]:
                            whole = False
                    if whole:
                        worth += points[g]
                worst = np.int64(0)
                for t in range(len(peak_base)):
                    load = peak_base[t]
                    for i in range(size):
                        if x[i]:
                            load += peak_use[i, t]
                    worst = max(worst, load)
                worth -= peak_factor * worst
                if worth > best:
                    best, found = worth, True
                    best_x[:] = x
            if bound < least:
                least = bound
                kept[:] = offered
            else:
                length *= 0.6
            if least <= best:
                break
            norm = 0.0
            for r in range(rows):
                if not exact_row[r] and (offered[r] > 0 or left[r] < 0):
                    norm += float(left[r]) * left[r]
            if turn == turns:
                break
            if norm == 0.0:
                if bound == least:
                    break
                offered[:] = kept
                continue
            move = length * (bound - best) / norm
            for r in range(rows):
                if not exact_row[r]:
                    offered[r] = max(0, np.int64(offered[r] - move * left[r]))
        upper = min(upper, least)
        if upper > best:
            best, better, done = search(
                use,
                cap,
                weight,
                net,
                slack,
                dims,
                count,
                grain,
                strides,
                full,
                table,
                group_of,
                points,
                peak_use,
                peak_base,
                peak_factor,
                best,
                best_x,
                allowances[stage],
            )
            found = found or better
            if done:
                upper = best
        if upper <= best:
            break
    if found:
        for i in range(size):
            if best_x[i]:
                chosen[index[i]] = True
    return best, chosen, found, upper <= best, max(upper, best)
