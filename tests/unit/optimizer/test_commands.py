"""The commands keep their exit codes and always leave a result that can be checked."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from optimizer.__main__ import main
from optimizer.io import instance_from_json, instance_to_json, read_instance, write_json
from optimizer.outcome import Progress
from optimizer.problem import Instance, Result
from optimizer.result_io import read_result
from optimizer.solve import solve
from optimizer.terminal import line
from optimizer.verify import verify
from tests.unit.optimizer.named import AMIR, KOIVU, ZAHRA, instance
from tests.unit.optimizer.random_instances import small_json

VOLATILE = ("timings", "peak_rss_mb")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.json"
    write_json(str(path), instance_to_json(instance([AMIR, ZAHRA], [KOIVU])))
    return path


def crowded(children: int, units: int) -> dict[str, Any]:
    """Return an instance too hard to be proven at once: many alike children, few places, close values."""
    data = small_json(1)
    template_child, template_unit = data["children"][0], data["units"][0]
    data["children"] = [
        {
            **template_child,
            "id": f"C{k}",
            "languages": {"so": 3 + k % 3, "ar": 3 + k % 2},
            "services": {"trauma": 1 + k % 3},
            "support_level": 2,
            "care_hours": 7 + 5 * k % 11,
            "language_hours": 2 + k % 4,
            "start": k % 5,
            "end": 8 + 3 * k % 9,
            "priority": 1 + k % 5,
            "waiting_days": 17 * k % 300,
            "wishes": [f"U{k % units}", f"U{(k + 3) % units}"],
            "forbidden": [],
            "current": f"U{(k + 1) % units}" if k % 3 else None,
            "relatives": f"M{k % 3}",
            "group": "so",
        }
        for k in range(children)
    ]
    for child in data["children"]:
        child.pop("locked", None)
        child["end"] = max(child["end"], child["start"] + 2)
    data["units"] = [
        {
            **template_unit,
            "id": f"U{k}",
            "windows": [{"from": -3, "to": 30, "beds": 2 + k % 2}],
            "quota": {"*": 4},
            "languages": {"fi": 0, "so": 5 + k % 4, "ar": 6},
            "interpreter_hours": 4,
            "services": {"trauma": 3 + k % 3},
            "care_hours": 25 + k % 7,
            "age_min": 0,
            "age_max": 250,
            "gender": "any",
            "support_min": 1,
            "support_max": 4,
            "max_same_group_permille": 1000,
        }
        for k in range(units)
    ]
    data["horizon_weeks"] = 12
    data["sibling_groups"], data["apart"] = [], []
    return data


def run(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "optimizer", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_it_listens(running: subprocess.Popen[str]) -> None:
    """Wait until the process has a handler for SIGTERM, which it sets when the search begins."""
    status = Path(f"/proc/{running.pid}/status")
    for _ in range(600):
        caught = next((row.split()[1] for row in status.read_text().splitlines() if row.startswith("SigCgt")), "0")
        if int(caught, 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.1)
    raise AssertionError("the search did not begin within a minute")


def test_an_optimal_result_is_0_and_verify_accepts_it(two: Path, tmp_path: Path) -> None:
    result = str(tmp_path / "result.json.gz")

    assert main(["solve", str(two), "-o", result, "--workers", "1"]) == 0
    assert main(["verify", str(two), result]) == 0
    assert json.loads(gzip.decompress(Path(result).read_bytes()))["status"] == "optimal"


def test_a_changed_result_is_1_and_a_broken_one_2(
    two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "result.json"
    main(["solve", str(two), "-o", str(path), "--workers", "1"])
    data = json.loads(path.read_text())
    data["levels"][0]["achieved"] += 1
    path.write_text(json.dumps(data))

    assert main(["verify", str(two), str(path)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["errors"][0] == "levels[0].achieved: 41 instead of 40"

    data["levels"][0]["value"] = "many"
    path.write_text(json.dumps(data))
    assert main(["verify", str(two), str(path)]) == 2
    assert 'levels[0].value: "many" is not an integer' in capsys.readouterr().err


def test_what_cannot_be_met_is_4_with_a_conflict(two: Path, tmp_path: Path) -> None:
    wanted, result = tmp_path / "wanted.json", tmp_path / "result.json"
    wanted.write_text(json.dumps({"place": [{"child": "amir", "unit": "koivu"}], "max_moves": 0}))
    assert main(["solve", str(two), "-o", str(result), "--require", str(wanted)]) == 0

    data = json.loads(two.read_text())
    data["children"][0]["forbidden"] = ["koivu"]
    two.write_text(json.dumps(data))

    assert main(["solve", str(two), "-o", str(result), "--require", str(wanted)]) == 4
    told = json.loads(result.read_text())
    assert [member["code"] for member in told["conflict"]] == ["PLACE", "REASON"]
    assert main(["verify", str(two), str(result), "--require", str(wanted)]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["solve"],
        ["solve", "x", "--time-limit", "0"],
        ["solve", "x", "--time-limit", "soon"],
        ["solve", "x", "--workers", "0"],
        ["solve", "x", "--seed", "-1"],
        ["convert", "wine", "x"],
        ["convert", "hias", "x", "--dimensions", "2"],
    ],
)
def test_a_command_that_is_not_understood_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_an_instance_may_come_from_standard_input_and_go_to_standard_output(two: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "optimizer", "solve", "-", "--workers", "1"],
        input=two.read_text(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert json.loads(done.stdout)["assignment"] == {"amir": "koivu", "zahra": "koivu"}
    assert done.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_search_writes_the_best_it_has(number: signal.Signals, tmp_path: Path) -> None:
    source, result = tmp_path / "crowded.json", tmp_path / "result.json"
    write_json(str(source), crowded(120, 25))

    running = run("solve", str(source), "-o", str(result), "--workers", "1")
    wait_until_it_listens(running)
    time.sleep(1)
    assert running.poll() is None, running.communicate()
    running.send_signal(number)
    _, told = running.communicate(timeout=60)

    assert running.returncode == 3, told
    assert main(["verify", str(source), str(result)]) == 0
    found = read_result(str(result))
    assert found.status == "feasible"
    assert found.levels[0].name == json.loads(source.read_text())["levels"][0]["name"]


def test_a_killed_search_leaves_a_valid_plan(tmp_path: Path) -> None:
    source, result = tmp_path / "crowded.json", tmp_path / "result.json"
    write_json(str(source), crowded(120, 25))

    running = run("solve", str(source), "-o", str(result), "--workers", "1")
    wait_until_it_listens(running)
    for _ in range(600):
        if result.exists():
            break
        time.sleep(0.1)
    running.kill()
    running.communicate(timeout=60)

    assert running.returncode == -signal.SIGKILL
    assert main(["verify", str(source), str(result)]) == 0
    assert read_result(str(result)).status == "feasible"


@pytest.mark.parametrize("seed", range(4))
def test_every_plan_handed_on_is_valid_and_none_is_worse_than_the_one_before(seed: int) -> None:
    instance = instance_from_json(small_json(seed))
    seen: list[Result] = []

    last = solve(instance, workers=1, on_better=seen.append)

    assert seen
    assert all(verify(instance, one).valid for one in seen)
    signs = [1 if level.sense == "max" else -1 for level in last.levels]
    reached = [(len(one.levels), signs[len(one.levels) - 1] * one.levels[-1].value) for one in [*seen, last]]
    assert reached == sorted(reached)


def test_a_time_limit_is_kept_and_said(tmp_path: Path) -> None:
    source, path = tmp_path / "crowded.json", tmp_path / "result.json"
    write_json(str(source), crowded(120, 25))

    assert main(["solve", str(source), "-o", str(path), "--time-limit", "0.001"]) == 3

    result = read_result(str(path))
    assert main(["verify", str(source), str(path)]) == 0
    assert result.parameters.time_limit == 0.001
    assert [fact.code for fact in result.warnings] == ["TIME_LIMIT"]
    assert len(result.levels) >= 1


def test_one_worker_and_a_seed_repeat_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "small.json"
    write_json(str(source), small_json(11))
    written = []
    for turn in range(2):
        path = tmp_path / f"result {turn}.json"
        main(["solve", str(source), "-o", str(path), "--workers", "1", "--seed", "7"])
        data = json.loads(path.read_text())
        for level in data["levels"]:
            del level["seconds"]
        for field in VOLATILE:
            del data[field]
        written.append(json.dumps(data))

    assert written[0] == written[1]


def test_a_search_may_begin_from_an_earlier_result(two: Path, tmp_path: Path) -> None:
    first, second = str(tmp_path / "first.json"), str(tmp_path / "second.json")
    main(["solve", str(two), "-o", first])

    assert main(["solve", str(two), "-o", second, "--from", first]) == 0
    assert read_result(second).levels[0].value == read_result(first).levels[0].value


@pytest.mark.parametrize("form", ["text", "json"])
def test_explain_tells_of_one_pair_one_child_or_all(
    form: str, two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = str(tmp_path / "result.json")
    main(["solve", str(two), "-o", result])

    for asked in ([], ["--child", "amir"], ["--child", "amir", "--unit", "koivu"]):
        assert main(["explain", str(two), result, *asked, "--format", form]) == 0
        told = capsys.readouterr().out
        assert "amir" in told
        if form == "json":
            json.loads(told)

    assert main(["explain", str(two), result, "--child", "leila"]) == 2
    assert main(["explain", str(two), result, "--unit", "koivu"]) == 2


def test_explain_refuses_a_result_that_is_not_of_the_instance(
    two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = str(tmp_path / "result.json")
    main(["solve", str(two), "-o", result])
    other = tmp_path / "other.json"
    write_json(str(other), instance_to_json(instance([AMIR], [KOIVU])))

    assert main(["explain", str(other), result]) == 2
    assert "not a valid plan" in capsys.readouterr().err


def test_reading_and_checking_load_no_solver() -> None:
    code = (
        "import sys, optimizer, optimizer.io, optimizer.result_io, optimizer.explain\n"
        "loaded = [name for name in ('ortools', 'numpy', 'highspy', 'numba', 'flask') if name in sys.modules]\n"
        "print(loaded)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_verify_command_loads_no_solver(two: Path, tmp_path: Path) -> None:
    result = str(tmp_path / "result.json")
    main(["solve", str(two), "-o", result])
    code = (
        "import sys\nfrom optimizer.__main__ import main\n"
        f"assert main(['verify', {str(two)!r}, {result!r}]) == 0\n"
        "assert 'ortools' not in sys.modules and 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


def test_a_written_file_is_whole_or_not_there(two: Path, tmp_path: Path) -> None:
    directory = tmp_path / "read only"
    directory.mkdir()
    if os.geteuid() != 0:
        directory.chmod(0o500)
        assert main(["solve", str(two), "-o", str(directory / "result.json")]) == 2
        directory.chmod(0o700)
    assert main(["solve", str(two), "-o", str(tmp_path / "no such" / "result.json")]) == 2
    assert list(directory.iterdir()) == []


def test_a_progress_line_tells_level_value_bound_and_gap() -> None:
    assert line(Progress("placed", 340, 350, 1.25)) == (
        "placed   [#######################-] 340, bound 350, gap 2.86 %, 1.2 s"
    )
    assert line(Progress("fit", None, None, 0.0)) == (
        "fit      [------------------------] no plan yet, no bound yet, 0.0 s"
    )


def test_an_instance_written_from_memory_is_read_back_as_it_was(tmp_path: Path) -> None:
    whole = instance([AMIR, ZAHRA], [KOIVU], seed=4)
    path = str(tmp_path / "whole.json.gz")
    write_json(path, instance_to_json(whole))

    again = read_instance(path)

    assert isinstance(again, Instance)
    assert again == whole
