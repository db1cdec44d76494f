"""What goes wrong with the line to a server (F35 to F38): thin, closed, gone after the freeze, or asked over by eight runs at once."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.problems import Exit
from tests.faults.actions import delay, reset, slow, status
from tests.faults.conftest import Make
from tests.faults.invariants import digests, n2_names_are_whole, n3_as_undisturbed
from tests.faults.server import serving
from tests.faults.test_transfer import ANY, RED, WHERE, asked
from tests.faults.trial import Trial


def test_f35_a_thin_line_is_slow_and_says_how_far_it_is(trial: Trial) -> None:
    trial.script.fault(ANY, slow(250_000))
    trial.survives(seconds=8)
    done, total = zip(*trial.steps, strict=True)
    assert list(done) == list(range(1, len(done) + 1)) and set(total) == {len(done)}


def test_f36_a_server_that_is_not_there_is_refused_by_name(trial: Trial) -> None:
    lock = trial.search()
    with serving() as gone:
        pass
    trial.script.fired, trial.script.armed = 1, 1
    url = trial.script.url
    trial.script.url = gone.url
    outcome = trial.attempt(lambda: trial.fetch(lock))
    trial.script.url = url
    assert outcome.exit_code == Exit.SOURCE and outcome.codes == {"E-SRC-041"}, outcome.en
    trial.go()
    trial.ended_well()


def test_f37_without_a_network_a_run_goes_on_from_its_store(trial: Trial) -> None:
    lock = trial.search()
    trial.fetch(lock)
    trial.script.fault(".*", reset())
    asked_before = trial.script.count()
    again = trial.folder / "again" / "scenes"
    trial.fetch(lock, again)
    assert trial.script.count() == asked_before
    n3_as_undisturbed(digests(again), trial.calm)
    trial.script.fired += 1  # nothing may run into it


def test_f37_without_a_network_everything_that_is_missing_is_named_at_once(trial: Trial) -> None:
    lock = trial.search()
    trial.script.fault(RED, status(404))
    trial.attempt(lambda: trial.fetch(lock))
    trial.script.heal()
    trial.script.fault(".*", reset())
    outcome = trial.attempt(lambda: trial.fetch(lock))
    assert outcome.exit_code == Exit.SOURCE
    missing = {" ".join(line.split()[1:3]).rstrip(":") for line in outcome.en}
    assert WHERE in missing and all(re.fullmatch(r"S2A_\w+ (red|nir|scl)", where) for where in missing)
    trial.heal()
    trial.go()
    trial.ended_well()


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_f38_eight_runs_that_ask_at_once_share_one_transfer(make: Make, mode: str) -> None:
    trial = make(mode)
    lock = trial.search()
    trial.script.fault(ANY, delay(0.1))
    trial.patience = replace(trial.patience, connect=30, read=30, total=60)  # eight runs on a busy machine: who asks twice didn't run out of it
    problems: list[Exception] = []

    def run(out: Path) -> None:
        try:
            trial.fetch(lock, out)
        except Exception as error:
            problems.append(error)

    outs = [trial.folder / f"{number}" / "scenes" for number in range(8)]
    threads = [threading.Thread(target=run, args=(out,)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    for out in outs:
        n3_as_undisturbed(digests(out), trial.calm)
    for made in trial.made:
        for key in made.files:
            ranges = asked(trial, re.escape(made.path(key)))
            assert len(ranges) == len(set(ranges)) and len(ranges) < 8, f"{made.path(key)} was moved {len(ranges)} times: {ranges}"
    n2_names_are_whole(trial.store, *outs)
