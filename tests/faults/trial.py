"""One run of stage 1 against a scripted server, with another run's work beside it; and what must hold when it ends.

survives: the fault is overcome      N2, N3, N5, N7, N8, N9
refuses:  the run stops with words   N2, N4, N6, N7, N8, N9, then healed and run again: N3, N5
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.problems import Exit
from carbonsink.declared.plan import Plan
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.lock import search
from tests.faults import catalogue, invariants
from tests.faults.catalogue import Made
from tests.faults.invariants import Outcome, digests
from tests.faults.server import Script

PATIENCE = Patience(attempts=3, first_wait=0.02, longest_wait=0.2, connect=1.0, read=0.5, total=1.0)


@dataclass
class Trial:
    """A server, a plan, a store and a place for scenes; `calm` is what an undisturbed run leaves."""

    script: Script
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    plan: Plan
    made: Sequence[Made]
    pinned: bool = True
    query: str = ""
    calm: dict[str, str] = field(default_factory=dict)
    patience: Patience = PATIENCE
    steps: list[tuple[int, int]] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    refused_after: int = 0  # requests

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def out(self) -> Path:
        return self.folder / "run" / "scenes"

    def lay(self) -> list[dict[str, Any]]:
        """Lay the sound catalogue."""
        self.items = catalogue.lay(self.script, self.made, self.pinned, self.query)
        return self.items

    def heal(self) -> None:
        """Everything is sound again."""
        self.script.heal()
        self.script.laid.clear()
        self.lay()

    def beside(self, neighbour: Path) -> None:
        """Lay another run's work beside this one, its objects in the same store, before anything goes wrong."""
        shutil.copytree(neighbour, self.folder, dirs_exist_ok=True)
        self.others = digests(self.folder)

    def search(self) -> dict[str, Any]:
        return search(self.plan, self.script.url, self.script.url, self.patience)

    def go(self) -> None:
        """Search and fetch."""
        self.fetch(self.search())

    def fetch(self, lock: dict[str, Any], out: Path | None = None) -> None:
        fetch(self.plan, lock, self.script.url, self.store, out or self.out, lambda done, total: self.steps.append((done, total)), self.patience)

    def attempt(self, work: Callable[[], object]) -> Outcome:
        """How a piece of work ended."""
        before, began = self.script.count(), time.monotonic()
        try:
            work()
            left: tuple[int, tuple[str, ...], tuple[str, ...]] = (Exit.WELL, (), ())
        except Exception as error:
            left = invariants.shown(error, self.monkeypatch)
        return Outcome(*left, time.monotonic() - began, self.script.count() - before)

    def survives(self, seconds: float = 4.0, requests: int = 40) -> Outcome:
        """The run overcomes what the script does to it."""
        outcome = self.attempt(self.go)
        assert outcome.exit_code == Exit.WELL, outcome.en
        invariants.n7_bounded(outcome, seconds, requests)
        self.ended_well()
        return outcome

    def ended_well(self) -> None:
        """What the run left is whole, as undisturbed, balanced, without a secret, and no harm to others."""
        invariants.n2_names_are_whole(self.store, self.out)
        invariants.n3_as_undisturbed(digests(self.out), self.calm)
        self.balanced()
        invariants.n8_unharmed(self.others, self.folder)
        invariants.n9_no_secret([], self.folder)

    def balanced(self) -> None:
        invariants.n5_pixels_balance(self.out)

    def refuses(self, exits: Exit | tuple[Exit, ...], code: str, *words: str, seconds: float = 4.0, requests: int = 40) -> Outcome:
        """The run stops, says why, leaves nothing half, and goes on when the fault is gone."""
        outcome = self.attempt(self.go)
        self.refused_after = len(self.script.asked)
        invariants.n6_said(outcome, exits, code, *words)
        invariants.n7_bounded(outcome, seconds, requests)
        invariants.n2_names_are_whole(self.store, self.out)
        invariants.n4_no_false_success(self.out)
        invariants.n8_unharmed(self.others, self.folder)
        invariants.n9_no_secret([*outcome.en, *outcome.zh], self.folder)
        self.heal()
        self.go()
        self.ended_well()
        return outcome


class Hunt(Trial):
    """A search alone: its lock is all there is to compare, and no pixel is read."""

    def lay(self) -> list[dict[str, Any]]:
        """Lay thirty items without files."""
        self.items = [catalogue.raw_item(number) for number in range(30)]
        catalogue.lay_search(self.script, self.items)
        return self.items

    def go(self) -> None:
        """Search, and write the lock as a run does."""
        write_json(self.out / "lock.json", self.search())

    def balanced(self) -> None:
        """No pixel was read."""

    def lock(self) -> dict[str, Any]:
        lock: dict[str, Any] = read_json(self.out / "lock.json")
        return lock
