"""Compiled parts of the pricing: row prices, knapsack tables over the dearest rows, depth-first search."""

# mypy: ignore-errors
# Plain loops over untyped arrays, because that is what numba compiles well.

from __future__ import annotations

import numba
import numpy as np

DIMS = 5
"""At most so many rows get a dimension of the table."""


@numba.njit(cache=True)
def multipliers(use, cap, weight, start, steps, target):
    """Return row prices that make the unit's linear relaxation small, by subgradients from `start`."""
    size, rows = use.shape
    price = start.copy()
    best_price = price.copy()
    best = 1e300
    step, stall = 1.0, 0
    left = np.empty(rows)
    for _ in range(steps):
        total = 0.0
        for r in range(rows):
            total += price[r] * cap[r]
            left[r] = cap[r]
        for i in range(size):
            net = float(weight[i])
            for r in range(rows):
                net -= price[r] * use[i, r]
            if net > 0:
                total += net
                for r in range(rows):
                    left[r] -= use[i, r]
        if total < best - 1e-9:
            best = total
            best_price[:] = price
            stall = 0
        else:
            stall += 1
            if stall >= 4:
                step *= 0.5
                stall = 0
                price[:] = best_price
        norm = 0.0
        for r in range(rows):
            if price[r] > 0 or left[r] < 0:
                norm += left[r] * left[r]
        if norm < 1e-12:
            break
        length = step * max(total - target, 1e-3 * abs(total) + 1e-6) / norm
        for r in range(rows):
            price[r] = max(0.0, price[r] - length * left[r])
    return best_price


@numba.njit(cache=True)
def choose(cap, price, violated, room, dims, grain):
    """Pick the rows for the table: the dearest first, violated ones before others; coarse where too wide."""
    rows = len(cap)
    used = np.zeros(rows, np.bool_)
    count, states = 0, 1
    while count < DIMS:
        pick, worth = -1, 0.0
        for r in range(rows):
            here = float(price[r]) * cap[r] + (1.0 if violated[r] else 0.0)
            if not used[r] and here > worth:
                pick, worth = r, here
        if pick < 0:
            break
        used[pick] = True
        by = 1
        while states * (cap[pick] // by + 1) > room and by < 16 and cap[pick] // by > 8:
            by *= 2
        if states * (cap[pick] // by + 1) > room:
            continue
        dims[count] = pick
        grain[count] = by
        states *= cap[pick] // by + 1
        count += 1
    return count


@numba.njit(cache=True)
def fill(net, steps, top, strides, table):
    """Set `table[i, room]` to the best of items i, i+1, ... within `room` of the chosen rows."""
    size = len(net)
    states = strides[0] * (top[0] + 1)
    for s in range(states):
        table[size, s] = 0
    for i in range(size - 1, -1, -1):
        after, here, gain = table[i + 1], table[i], net[i]
        here[:states] = after[:states]
        if gain <= 0:
            continue
        back = 0
        for q in range(DIMS):
            back += steps[i, q] * strides[q]
        for a in range(steps[i, 0], top[0] + 1):
            for b in range(steps[i, 1], top[1] + 1):
                for c in range(steps[i, 2], top[2] + 1):
                    for d in range(steps[i, 3], top[3] + 1):
                        base = a * strides[0] + b * strides[1] + c * strides[2] + d * strides[3]
                        for s in range(base + steps[i, 4], base + strides[3]):
                            taken = after[s - back] + gain
                            if taken > here[s]:
                                here[s] = taken


@numba.njit(cache=True)
def search(
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
    allowed,
):
    """Depth-first over the items with the table as bound. Return (best, found, finished)."""
    size, rows = use.shape
    groups = len(points)
    weeks = len(peak_base)
    left = cap.copy()
    load = peak_base.copy()
    broken = np.zeros(groups, np.int64)
    hope = np.int64(0)
    for g in range(groups):
        hope += points[g]
    high = np.int64(0)
    for t in range(weeks):
        high = max(high, load[t])
    state = np.zeros(size + 1, np.int8)
    taken = np.zeros(size, np.bool_)
    bound = np.zeros(size + 1, np.int64)
    worth = np.zeros(size + 1, np.int64)
    hopes = np.zeros(size + 1, np.int64)
    highs = np.zeros(size + 1, np.int64)
    room = np.zeros(size + 1, np.int64)
    bound[0], hopes[0], highs[0], room[0] = slack, hope, high, full
    found = False
    depth, nodes = 0, 0
    while depth >= 0:
        if depth == size:
            total = worth[depth] + hopes[depth] - peak_factor * highs[depth]
            if total > best:
                best = total
                best_x[:] = taken
                found = True
            depth -= 1
            continue
        i = depth
        first_takes = net[i] > 0
        if state[i] > 0:
            if first_takes == (state[i] == 1):
                if taken[i]:
                    taken[i] = False
                    for r in range(rows):
                        left[r] += use[i, r]
                    for t in range(weeks):
                        load[t] -= peak_use[i, t]
            else:
                for g in range(groups):
                    if group_of[i, g]:
                        broken[g] -= 1
        if state[i] == 2:
            state[i] = 0
            depth -= 1
            continue
        takes = first_takes == (state[i] == 0)
        state[i] += 1
        nodes += 1
        if nodes > allowed:
            return best, found, False
        if takes:
            fits = True
            for r in range(rows):
                if use[i, r] > left[r]:
                    fits = False
                    break
            if not fits:
                continue
            at = np.int64(0)
            for q in range(count):
                at += (left[dims[q]] - use[i, dims[q]]) // grain[q] * strides[q]
            high = highs[i]
            for t in range(weeks):
                high = max(high, load[t] + peak_use[i, t])
            if bound[i] + net[i] + table[i + 1, at] + hopes[i] - peak_factor * high <= best:
                continue
            for r in range(rows):
                left[r] -= use[i, r]
            for t in range(weeks):
                load[t] += peak_use[i, t]
            taken[i] = True
            bound[i + 1], worth[i + 1] = bound[i] + net[i], worth[i] + weight[i]
            hopes[i + 1], highs[i + 1], room[i + 1] = hopes[i], high, at
        else:
            hope = hopes[i]
            for g in range(groups):
                if group_of[i, g]:
                    if broken[g] == 0:
                        hope -= points[g]
                    broken[g] += 1
            if bound[i] + table[i + 1, room[i]] + hope - peak_factor * highs[i] <= best:
                continue
            bound[i + 1], worth[i + 1] = bound[i], worth[i]
            hopes[i + 1], highs[i + 1], room[i + 1] = hope, highs[i], room[i]
        depth += 1
        state[depth] = 0
    return best, found, True
