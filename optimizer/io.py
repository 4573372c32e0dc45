"""Instances, requirements and results as JSON: files in, frozen values out, and back.

Files are UTF-8; a name ending in `.gz` is compressed, `-` is standard input or output. Everything is
checked before anything is built: `InputRefused` lists each fault with its field. Standard library only.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from optimizer.faults import placement_faults, requirement_faults
from optimizer.pair_faults import pair_faults
from optimizer.problem import (
    PAIR_RESOURCE,
    PLACEMENT_INSTANCE,
    AnyInstance,
    Child,
    FitWeights,
    Instance,
    Level,
    Municipality,
    PairInstance,
    Pairs,
    Requirements,
    Resource,
    SiblingGroup,
    Unit,
    Window,
)
from optimizer.shape import InputRefused, shown

Json = dict[str, Any]
Read = TypeVar("Read", Instance, PairInstance)


def read_instance(path: str) -> AnyInstance:
    """Return the instance in file `path`, of the format it names. Raises InputRefused, OSError."""
    return instance_from_json(read_json(path))


def read_requirements(path: str, instance: Instance) -> Requirements:
    """Return the requirements in file `path`, checked against `instance`. Raises InputRefused, OSError."""
    data = read_json(path)
    faults = requirement_faults(data, instance)
    if faults:
        raise InputRefused(faults)
    return Requirements(
        place=tuple((wanted["child"], wanted["unit"]) for wanted in data.get("place", [])),
        placed=tuple(data.get("placed", [])),
        max_moves=data.get("max_moves"),
    )


def instance_from_json(data: object) -> AnyInstance:
    """Return the instance a JSON value describes, with its digest. Raises InputRefused with every fault."""
    kind = data.get("format") if isinstance(data, dict) else None
    if kind == PLACEMENT_INSTANCE:
        return _built(data, placement_faults, _placement)
    if kind == PAIR_RESOURCE:
        return _built(data, pair_faults, _pair_instance)
    if not isinstance(data, dict):
        raise InputRefused([f"the file: {shown(data)} is not an object"])
    raise InputRefused([f"format: {shown(kind)} is neither {PLACEMENT_INSTANCE} nor {PAIR_RESOURCE}"])


def checked(instance: AnyInstance) -> AnyInstance:
    """Return `instance` with its digest, after the checks a file goes through. Raises InputRefused.

    An instance that was read has been checked and is returned as it is.
    """
    if instance.read_digest is not None:
        return instance
    return instance_from_json(instance_to_json(instance))


def digest(instance: AnyInstance) -> str:
    """Return the sha256 (hex) of the canonical instance: the file's own if it was read from one."""
    return instance.read_digest or _digest(instance_to_json(instance))


def instance_to_json(instance: AnyInstance) -> Json:
    """Return the JSON value of `instance`; a seed or lock that is None is left out."""
    if isinstance(instance, PairInstance):
        return _pair_instance_to_json(instance)
    data = _plain(instance)
    del data["read_digest"]
    if instance.seed is None:
        del data["seed"]
    return {
        "format": PLACEMENT_INSTANCE,
        **data,
        "municipalities": [_plain(municipality) for municipality in instance.municipalities],
        "children": [_child_to_json(child) for child in instance.children],
        "units": [_unit_to_json(unit) for unit in instance.units],
        "sibling_groups": [_plain(group) for group in instance.sibling_groups],
        "apart": [list(pair) for pair in instance.apart],
        "fit_weights": _plain(instance.fit_weights),
        "levels": [_plain(level) for level in instance.levels],
    }


def read_json(path: str) -> Any:
    """Return the JSON value in file `path` (`-` = standard input; `.gz` is unpacked).

    Raises InputRefused where it is no strict JSON in UTF-8 (NaN, a key given twice, a broken archive), as
    a looser reading would hide a mistake, and OSError where there is no such file.
    """
    raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    try:
        content = gzip.decompress(raw) if path.endswith(".gz") else raw
        return json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
        )
    except (EOFError, gzip.BadGzipFile, OSError, ValueError, RecursionError) as broken:
        if isinstance(broken, InputRefused):
            raise
        reason = "nested too deeply" if isinstance(broken, RecursionError) else str(broken)
        raise InputRefused([f"{path}: not readable as JSON: {reason}"]) from broken


def write_json(path: str, data: object) -> None:
    """Write `data` to file `path`, whole or not at all (`-` = standard output; `.gz` is packed)."""
    content = (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    if path.endswith(".gz"):
        content = gzip.compress(content, mtime=0)
    target = Path(path)
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> Json:
    read = dict(pairs)
    if len(read) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputRefused([f"{twice}: the key stands twice in one object"])
    return read


def _no_constant(constant: str) -> None:
    raise InputRefused([f"{constant} is not a number"])


def _built(data: Any, faults_of: Callable[[object], list[str]], build: Callable[[Json], Read]) -> Read:
    faults = faults_of(data)
    if faults:
        raise InputRefused(faults)
    instance = build(data)
    object.__setattr__(instance, "read_digest", _digest(data))
    return instance


def _digest(data: Json) -> str:
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return hashlib.sha256(canonical.encode()).hexdigest()
    except UnicodeEncodeError as half:
        raise InputRefused([f"a text holds half a character: {shown(half.object[half.start])}"]) from half


def _plain(value: Any) -> Json:
    """Return a dataclass' fields, tuples as lists; nested dataclasses stay as they are."""
    data = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {name: list(part) if isinstance(part, tuple) else part for name, part in data.items()}


def _pair_instance_to_json(instance: PairInstance) -> Json:
    data = _plain(instance)
    del data["read_digest"]
    return {
        "format": PAIR_RESOURCE,
        **data,
        "pairs": _plain(instance.pairs),
        "resources": [_plain(resource) for resource in instance.resources],
    }


def _child_to_json(child: Child) -> Json:
    data = _plain(child)
    if child.locked is None:
        del data["locked"]
    return data


def _unit_to_json(unit: Unit) -> Json:
    windows = [{"from": window.start, "to": window.end, "beds": window.beds} for window in unit.windows]
    return {**_plain(unit), "windows": windows}


def _placement(data: Json) -> Instance:
    return Instance(
        name=data["name"],
        seed=data.get("seed"),
        horizon_weeks=data["horizon_weeks"],
        languages=tuple(data["languages"]),
        services=tuple(data["services"]),
        municipalities=tuple(Municipality(**value) for value in data["municipalities"]),
        children=tuple(_child(value) for value in data["children"]),
        units=tuple(_unit(value) for value in data["units"]),
        sibling_groups=tuple(
            SiblingGroup(**{**value, "members": tuple(value["members"])}) for value in data["sibling_groups"]
        ),
        apart=tuple((first, second) for first, second in data["apart"]),
        fit_weights=FitWeights(**data["fit_weights"]),
        interpreter_cost_hour=data["interpreter_cost_hour"],
        levels=tuple(Level(**value) for value in data["levels"]),
    )


def _child(value: Json) -> Child:
    return Child(**{**value, "wishes": tuple(value["wishes"]), "forbidden": tuple(value["forbidden"])})


def _unit(value: Json) -> Unit:
    windows = tuple(Window(window["from"], window["to"], window["beds"]) for window in value["windows"])
    return Unit(**{**value, "windows": windows})


def _pair_instance(data: Json) -> PairInstance:
    pairs = data["pairs"]
    return PairInstance(
        name=data["name"],
        sense=data["sense"],
        scale=data["scale"],
        items=data["items"],
        bins=data["bins"],
        must_assign=data["must_assign"],
        pairs=Pairs(tuple(pairs["item"]), tuple(pairs["bin"]), tuple(pairs["value"])),
        resources=tuple(
            Resource(value["id"], value["cap"], tuple(value["pair"]), tuple(value["use"]))
            for value in data["resources"]
        ),
    )
