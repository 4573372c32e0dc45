"""The optimizer's commands: `python -m optimizer solve|verify|explain|convert|bench`."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from optimizer import convert, io
from optimizer.explain_command import explained, lines
from optimizer.interruption import Interruptible, seconds_since_start
from optimizer.pair_faults import pair_faults
from optimizer.problem import Instance, Requirements, Result
from optimizer.result_io import read_result, result_to_json
from optimizer.shape import InputRefused
from optimizer.solve import SolverDisagrees, processors, solve
from optimizer.terminal import ProgressLine
from optimizer.verify import verify

BAD_INPUT = 2
EXIT_CODES = {"optimal": 0, "feasible": 3, "unknown": 3, "infeasible": 4}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; faults go to standard error, one a line."""
    asked = parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except InputRefused as refused:
        return _refuse(*refused.faults)
    except BrokenPipeError:
        # The reader has gone; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as missing:
        return _refuse(f"{missing.filename or 'file'}: {missing.strerror or missing}")
    except SolverDisagrees as bug:
        print(bug, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m optimizer", description="Plan placements, with proof.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add_solve(commands.add_parser("solve", help="find the best plan of an instance"))
    checking = commands.add_parser("verify", help="recount everything a result claims, without a solver")
    checking.add_argument("instance")
    checking.add_argument("result")
    checking.add_argument("--require", metavar="FILE", help="requirements the result answers to")
    checking.set_defaults(run=run_verify)
    explaining = commands.add_parser("explain", help="why there, why not elsewhere, why nowhere")
    explaining.add_argument("instance")
    explaining.add_argument("result")
    explaining.add_argument("--child", metavar="ID", help="one child only")
    explaining.add_argument("--unit", metavar="ID", help="why the child is not in this unit")
    explaining.add_argument("--format", choices=("text", "json"), default="text")
    explaining.set_defaults(run=run_explain)
    converting = commands.add_parser("convert", help="turn public benchmark files into instances")
    converting.add_argument("kind", choices=sorted(convert.KINDS))
    converting.add_argument("file", nargs="+")
    converting.add_argument("-o", "--output", default="-", help="file, or directory for several files")
    converting.add_argument("--dimensions", type=int, choices=(1, 3), default=3, help="of hias (default 3)")
    converting.set_defaults(run=run_convert)
    benching = commands.add_parser("bench", help="our engine beside its peers, as times and ratios")
    benching.add_argument("--size", default="S", help="sizes to make, with commas: S,M,R,RR,L,XL,XXL")
    benching.add_argument("--instances", metavar="DIR", help="instance files to run instead of made ones")
    benching.add_argument("--public", metavar="DIR", help="a directory with hias-fy17 and gap")
    benching.add_argument("--peers", action="store_true", help="run plain CP-SAT, HiGHS and SCIP beside")
    benching.add_argument("--json", action="store_true", help="machine-readable output")
    benching.set_defaults(run=run_bench)
    return top


def run_bench(asked: argparse.Namespace) -> int:
    """Measure and print the table."""
    # Imported here, so that the other commands do not load every solver.
    from optimizer.bench import run

    return run(asked)


def _add_solve(solving: argparse.ArgumentParser) -> None:
    solving.add_argument("instance", help="instance file, - = standard input")
    solving.add_argument("-o", "--output", default="-", metavar="RESULT", help="result file (default: output)")
    solving.add_argument("--time-limit", type=_seconds, metavar="S", help="seconds from the process's start")
    solving.add_argument("--workers", type=_count, metavar="N", help="threads (default: one per processor)")
    solving.add_argument("--seed", type=_seed, default=0, metavar="N")
    solving.add_argument("--from", dest="start", metavar="RESULT", help="an earlier result to begin from")
    solving.add_argument("--require", metavar="FILE", help="what a person insists on")
    solving.add_argument("--certificate", action="store_true", help="prove bounds by prices where they can be")
    solving.set_defaults(run=run_solve)


def run_solve(asked: argparse.Namespace) -> int:
    """Solve, write the result, and say by the exit code how sure it is."""
    before = seconds_since_start()
    instance = io.read_instance(asked.instance)
    requirements = _requirements(asked.require, instance)
    start = None if asked.start is None else read_result(asked.start)
    loaded = seconds_since_start()
    line = ProgressLine(sys.stderr) if sys.stderr.isatty() else None

    def keep(result: Result) -> None:
        """Write a plan found on the way, so that even a killed search leaves one."""
        io.write_json(asked.output, result_to_json(_as_asked(result, asked.time_limit, loaded - before)))

    searching = Interruptible(
        lambda should_stop: solve(
            instance,
            time_limit_s=None if asked.time_limit is None else max(0.0, asked.time_limit - loaded),
            workers=asked.workers or processors(),
            seed=asked.seed,
            start=start,
            requirements=requirements,
            on_progress=None if line is None else line.show,
            should_stop=should_stop,
            on_better=None if asked.output == "-" else keep,
            certify=asked.certificate,
        ),
    )
    try:
        result = searching.run()
    finally:
        if line is not None:
            line.clear()
    result = _as_asked(result, asked.time_limit, loaded - before)
    io.write_json(asked.output, result_to_json(result))
    if line is not None:
        print(summary(result), file=sys.stderr)
    return EXIT_CODES[result.status]


def summary(result: Result) -> str:
    """Return a line per level and one on the whole."""
    levels = [
        f"{level.name:<9}{level.value:>12}  bound {level.bound:>12}  {'proven' if level.proven else 'open'}"
        for level in result.levels
    ]
    placed = sum(unit is not None for unit in result.assignment.values())
    return "\n".join([*levels, f"{result.status}: {placed} of {len(result.assignment)} placed"])


def run_verify(asked: argparse.Namespace) -> int:
    """Print the verdict as JSON; 0 valid, 1 not."""
    instance = io.read_instance(asked.instance)
    verdict = verify(instance, read_result(asked.result), _requirements(asked.require, instance))
    told = {"valid": verdict.valid, "errors": list(verdict.faults), "levels": dict(verdict.levels)}
    print(json.dumps(told, indent=1, ensure_ascii=False))
    return 0 if verdict.valid else 1


def run_explain(asked: argparse.Namespace) -> int:
    """Print what is asked for; the result must be one of the instance, and valid."""
    instance = io.read_instance(asked.instance)
    if not isinstance(instance, Instance):
        raise InputRefused([f"{asked.instance}: explanations are for placement instances"])
    result = read_result(asked.result)
    verdict = verify(instance, result)
    if not verdict.valid or not result.assignment:
        raise InputRefused([f"{asked.result}: not a valid plan of the instance", *verdict.faults])
    told = explained(instance, result, asked.child, asked.unit)
    text = json.dumps(told, indent=1, ensure_ascii=False) if asked.format == "json" else "\n".join(lines(told))
    print(text)
    return 0


def run_convert(asked: argparse.Namespace) -> int:
    """Write each file as an instance: to one file, to a directory, or one a line to standard output."""
    into = Path(asked.output)
    if len(asked.file) > 1 and asked.output != "-" and not into.is_dir():
        return _refuse(f"{asked.output}: not a directory, which several files need")
    options = {"dimensions": asked.dimensions} if asked.kind == "hias" else {}
    for path in asked.file:
        data = convert.KINDS[asked.kind](path, **options)
        faults = pair_faults(data)
        if faults:
            raise InputRefused(faults)
        io.write_json(str(into / f"{data['name']}.json") if into.is_dir() else asked.output, data)
    return 0


def _as_asked(result: Result, time_limit: float | None, load_s: float) -> Result:
    """Return `result` with the limit as the caller gave it: of the whole process, not of the search."""
    warnings = tuple(
        replace(fact, about={"seconds": time_limit}) if fact.code == "TIME_LIMIT" else fact for fact in result.warnings
    )
    return replace(
        result,
        warnings=warnings,
        parameters=replace(result.parameters, time_limit=time_limit),
        timings=replace(result.timings, load=load_s),
    )


def _requirements(path: str | None, instance: object) -> Requirements | None:
    if path is None:
        return None
    if not isinstance(instance, Instance):
        raise InputRefused([f"{path}: requirements are for placement instances"])
    return io.read_requirements(path, instance)


def _refuse(*faults: str) -> int:
    for fault in faults:
        print(fault, file=sys.stderr)
    return BAD_INPUT


def _seconds(given: str) -> float:
    seconds = float(given)
    if not math.isfinite(seconds) or seconds <= 0:
        raise argparse.ArgumentTypeError(f"{given} is not a number of seconds above 0")
    return seconds


def _count(given: str) -> int:
    count = int(given)
    if not 1 <= count <= 1024:
        raise argparse.ArgumentTypeError(f"{given} is not a number of threads from 1 to 1024")
    return count


def _seed(given: str) -> int:
    seed = int(given)
    if not 0 <= seed < 2**31:
        raise argparse.ArgumentTypeError(f"{given} is not a seed from 0 to {2**31 - 1}")
    return seed


if __name__ == "__main__":
    sys.exit(main())
