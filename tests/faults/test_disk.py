"""What goes wrong on the disk and with the process (F41, F46, F49, F50): full, failing, altered, killed."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import write_json
from carbonsink.base.problems import Exit
from carbonsink.composites.compose import compose
from tests.conftest import REPOSITORY, skip
from tests.faults.conftest import Make
from tests.faults.invariants import digests, n2_finals_are_whole, n3_as_undisturbed, n4_no_false_success, n6_said
from tests.faults.shim import Shim
from tests.faults.trial import Trial

READS = frozenset({"read"})


def objects(trial: Trial) -> list[Path]:
    """The objects and packs of the store that another run doesn't have."""
    there = sorted(path for kind in ("objects", "packs") for path in (trial.store / kind).rglob("*") if path.is_file())
    return [path for path in there if path.relative_to(trial.folder).as_posix() not in trial.others]


def composed(run: Path, trial: Trial) -> dict[str, str]:
    compose(trial.plan, run, block=64, scheduler="threads", workers=2, progress=lambda *_: None)
    return digests(run / "composites")


@pytest.mark.parametrize(
    ("mode", "error", "stride"), [("whole", errno.ENOSPC, 1), ("window", errno.ENOSPC, 5), ("whole", errno.EIO, 7), ("window", errno.EIO, 11)]
)
def test_f46_a_file_operation_that_fails_stops_the_run_and_leaves_nothing_half(make: Make, mode: str, error: int, stride: int) -> None:
    trial = make(mode, count=1)
    lock, place, tried = trial.search(), trial.folder, 0
    problems: list[str] = []
    for number in range(1, 400, stride):
        trial.folder = place / str(number)
        with Shim(trial.folder, number, error) as shim:
            outcome = trial.attempt(lambda: trial.fetch(lock))
        if not shim.fired:
            assert outcome.exit_code == Exit.WELL
            break
        tried += 1
        try:
            if outcome.exit_code != Exit.WELL:  # else it was done another way, a copy for a link, and must have come out right
                n6_said(outcome, Exit.RESOURCES, "E-RES-0")
                n2_finals_are_whole(trial.store, trial.out)
                assert not (trial.out / "pixel_budget.csv").exists(), "N4: the last table of a stage that failed"
                trial.fetch(lock)
            n3_as_undisturbed(digests(trial.out), trial.calm)
        except AssertionError as problem:
            problems.append(f"{number} ({shim.what.replace(str(trial.folder), '')}): {str(problem)[:200]}")
    trial.folder = place
    trial.script.fired += tried
    assert tried > 20 / stride
    assert not problems, f"{len(problems)} of {tried}:\n" + "\n".join(problems[:12])


def child(what: str, trial: Trial, mode: str, stride: int, *before: str) -> list[dict[str, Any]]:
    """What the child said of each fault."""
    write_json(trial.folder / "child" / "lock.json", trial.search())
    command = [*before, sys.executable, "-m", "tests.faults.child", what, str(trial.folder / "child"), trial.script.url, mode, str(stride)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_f46_a_disk_that_fills_up_under_stages_1_and_2_is_said_and_leaves_nothing_half(make: Make) -> None:
    if subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode:
        skip("a disk of one's own needs user namespaces (unshare -Urm)")
    trial = make(count=1)
    found = child("full", trial, "whole", 2, "unshare", "-Urm")
    *failed, last = [one["found"] for one in found]
    trial.script.fired += len(failed)
    assert last["exit_code"] == Exit.WELL and len(failed) >= 4
    for one in failed:
        assert one is not None, "the work died on a full disk"
        assert one["exit_code"] == Exit.RESOURCES, one["en"]
        assert (one["torn"], one["claims"]) == ("", False), one
        assert " -:" not in one["en"][0], f"N6: says not where: {one['en']}"
        assert not one["left"], "N2: what can't be finished makes room again"
    assert all("MB" in one["en"][0] and "MB" in one["zh"][0] for one in failed), f"not said how much is needed: {failed[-1]['en']}"


@pytest.mark.parametrize(("mode", "stride"), [("whole", 3), ("window", 7)])
def test_f41_work_killed_before_any_of_its_files_has_its_name_is_done_again_with_the_same_result(make: Make, mode: str, stride: int) -> None:
    trial = make(mode, count=1)
    found = child("killed", trial, mode, stride)
    *killed, last = found
    trial.script.fired += len(killed)
    assert last["status"] == 0 and last["same"] and len(killed) * stride >= 8
    wrong = [one for one in killed if (one["status"], one["again"], one["torn"], one["same"], one["left"]) != (-9, 0, "", True, [])]
    assert not wrong, f"{len(wrong)} of {len(killed)}: {wrong[:3]}"


def test_f41_work_done_twice_puts_the_same_objects(trial: Trial) -> None:
    lock = trial.search()
    trial.fetch(lock)
    before = digests(trial.store / "objects") | digests(trial.store / "packs")
    trial.fetch(lock, trial.folder / "twice" / "scenes")
    trial.script.fired += 1
    assert digests(trial.store / "objects") | digests(trial.store / "packs") == before
    once, twice = composed(trial.out.parent, trial), composed(trial.folder / "twice", trial)
    n3_as_undisturbed(twice, once)
    n3_as_undisturbed(composed(trial.out.parent, trial), once)


def test_f49_an_object_the_disk_cannot_give_back_is_fetched_again_once(trial: Trial) -> None:
    lock = trial.search()
    trial.fetch(lock)
    asked = trial.script.count()
    with Shim(objects(trial)[0], 1, errno.EIO, READS) as shim:
        outcome = trial.attempt(lambda: trial.fetch(lock))
    trial.script.fired += 1
    assert shim.fired and outcome.exit_code == Exit.WELL, outcome.en
    assert trial.script.count() - asked <= 1
    trial.ended_well()


def test_f50_an_object_altered_on_disk_is_never_used(trial: Trial) -> None:
    lock = trial.search()
    trial.fetch(lock)
    altered = objects(trial)
    for number, path in enumerate(altered):
        data = bytearray(path.read_bytes())
        data[len(data) * (number + 1) // (len(altered) + 1)] ^= 1
        path.chmod(0o644)
        path.write_bytes(data)
        trial.script.fired += 1
    asked = trial.script.count()
    trial.fetch(lock)
    assert trial.script.count() - asked <= 6
    trial.ended_well()


def test_f50_a_piece_of_a_file_that_was_altered_on_disk_is_never_used(make: Make) -> None:
    """A pack holds pieces of a file without any checksum of its own: each is held against its digest."""
    window = make("window")
    lock = window.search()
    window.fetch(lock)
    packs = [path for path in objects(window) if path.is_relative_to(window.store / "packs")]
    shutil.rmtree(window.store / "objects")  # and with it the chips that were cut of them
    for path in packs:
        data = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :])
        window.script.fired += 1
    assert packs
    window.others = {name: sha for name, sha in window.others.items() if not name.startswith("store/objects")}
    window.fetch(lock)
    n3_as_undisturbed(digests(window.out), window.calm)


@pytest.mark.parametrize("bend", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: data[:-40] + bytes(40)], ids=["cut", "emptied", "zeroed"])
def test_f50_a_chip_damaged_in_its_run_is_made_again(trial: Trial, bend: Any) -> None:
    lock = trial.search()
    trial.fetch(lock)
    for path in trial.out.rglob("*.tif"):
        data = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(bend(data))
        trial.script.fired += 1
    trial.fetch(lock)
    trial.ended_well()


def test_f50_a_chip_damaged_in_one_run_is_made_again_for_every_run(trial: Trial) -> None:
    """Runs share a chip's bytes on disk: what is altered in one is altered in all, and healed by the next fetch of each."""
    lock = trial.search()
    other = trial.folder / "other" / "scenes"
    trial.fetch(lock)
    trial.fetch(lock, other)
    chip = next(trial.out.rglob("red.tif"))
    chip.chmod(0o644)
    with chip.open("r+b") as stream:
        stream.write(b"damaged")
    trial.script.fired += 1
    trial.fetch(lock, other)
    n3_as_undisturbed(digests(other), trial.calm)
    trial.fetch(lock)
    trial.ended_well()


def test_f50_a_chip_that_is_not_the_one_listed_is_laid_anew_before_anything_is_composed(trial: Trial) -> None:
    """Stage 1 opens every call: it holds the chips of a run against their digests, so stage 2 needn't read them twice."""
    trial.go()
    calm = composed(trial.out.parent, trial)
    chips = sorted(trial.out.rglob("red.tif"))
    data = chips[1].read_bytes()
    chips[0].unlink()
    chips[0].write_bytes(data)  # a whole and readable chip: the other day's
    trial.script.fired += 1
    trial.go()
    n3_as_undisturbed(composed(trial.out.parent, trial), calm)


def test_f50_composites_of_an_unreadable_chip_are_refused(trial: Trial) -> None:
    trial.go()
    chip = sorted(trial.out.rglob("red.tif"))[0]
    data = chip.read_bytes()
    chip.unlink()
    chip.write_bytes(data[: len(data) // 2])
    trial.script.fired += 1
    outcome = trial.attempt(lambda: composed(trial.out.parent, trial))
    n6_said(outcome, Exit.INTEGRITY, "E-", "red")
    n4_no_false_success(trial.out.parent / "composites")


def test_f46_patience_with_the_network_is_not_spent_on_a_full_disk(trial: Trial) -> None:
    """A write that fails isn't a connection that broke: asking again fills no disk."""
    lock = trial.search()
    trial.patience = replace(trial.patience, attempts=8, first_wait=0.3)
    asked = trial.script.count()
    with Shim(trial.store / "parts", 2, errno.ENOSPC) as shim:
        outcome = trial.attempt(lambda: trial.fetch(lock))
    trial.script.fired += 1
    assert shim.fired and outcome.exit_code == Exit.RESOURCES, outcome.en
    assert trial.script.count() - asked <= 7
