"""The inner loop: the best pattern of one unit at given prices, exactly, in integers (compiled by numba).

A pattern is a set of pairs of the unit that keeps all its rows. `price` bounds it by tables over the few
rows that matter most (an exact knapsack in up to five dimensions, the other rows priced into the weights)
and closes what is left by depth-first search. Each stage is dearer and tighter than the one before.
"""

# Plain loops over arrays, because that is what numba compiles well.

from __future__ import annotations

import numba
import numpy as np

DIMS = 5
FAR = np.int64(2**61)


@numba.njit(cache=True)
def multipliers(use, cap, weight, start, steps, target):  # type: ignore[no-untyped-def]
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
def _choose(cap, price, violated, room, dims, grain):  # type: ignore[no-untyped-def]
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
def _fill(net, steps, top, strides, table):  # type: ignore[no-untyped-def]
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
def _search(
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
):  # type: ignore[no-untyped-def]
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
):  # type: ignore[no-untyped-def]
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
        count = _choose(cap, asked, violated, rooms[stage], dims, grain) if rooms[stage] > 1 else 0
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
            _fill(net, steps_of, top, strides, table)
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
            best, better, done = _search(
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
