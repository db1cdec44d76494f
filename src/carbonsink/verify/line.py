"""The sentences in their order, made into checks; what isn't evidence stops the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from carbonsink.base.manifest import environment, read_manifest
from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.keys import Key
from carbonsink.declared.signatures import NOBODY, signers_of
from carbonsink.run import Means, Progress
from carbonsink.verify.again import worked_again
from carbonsink.verify.chips import Chips
from carbonsink.verify.comparison import Comparison, compare
from carbonsink.verify.declared import check_declared, custom_tables, load_declared
from carbonsink.verify.reckoning import check_variables, check_worksheet
from carbonsink.verify.scenes import changed_by_hand, check_pixel_budget, check_scenes
from carbonsink.verify.source import Resourced, resource
from carbonsink.verify.sums import check_areas, check_statement
from carbonsink.verify.verdict import AGAIN, AUTHENTIC, SIGNED, SOURCED, Asked, Check, Verdict
from carbonsink.verify.whole import check_whole
from carbonsink.verify.words import other_words, unprinted

UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)

Sentence = Callable[[Path, Chips], Iterator[Problem]]
SENTENCES: tuple[tuple[str, Sentence], ...] = (
    ("whole", check_whole),
    ("declared", check_declared),
    ("scenes", check_scenes),
    ("pixel budget", check_pixel_budget),
    ("variables", check_variables),
    ("worksheet", check_worksheet),
    ("areas", check_areas),
    ("statement", check_statement),
)


def verify(run: Path, means: Means, progress: Progress, again: bool = True, asked: Asked | None = None) -> Verdict:
    """Make the checks and weigh what differs, as far as `asked` says.

    Without it nothing but the run is asked: `again` false leaves out running the stages again (check 9), and the verdict
    doesn't list it; nor check 10, where sources aren't asked.
    """
    asked = asked or Asked(again=again)
    signed, signers = _signed(run, asked)
    checks = [signed] if signed else []
    unsigned = signed is not None and any(problem.code == NOBODY for problem in signed.problems)
    if signed is None or signed.passed or unsigned:
        checks += _sentences(run, progress)
    authentic = checks[-1].number >= AUTHENTIC and all(check.passed for check in checks if SIGNED < check.number <= AUTHENTIC)
    comparison: Comparison | None = None
    if authentic and asked.again:
        check, comparison = _again(run, means, progress)
        checks.append(check)
    sourced = Resourced()
    if authentic and asked.source:
        sourced = resource(load_declared(run), run, means, progress, asked)
        checks.append(Check(SOURCED, "cut again", sourced.problems))
    manifest = _readable(lambda: read_manifest(run), {})
    return Verdict(
        run.name,
        tuple(checks),
        tuple(_environment_differences(manifest)),
        sourced.states,
        str(manifest.get("digest", "")),
        str(manifest.get("results", "")),
        bool(manifest.get("simulated", False)),
        comparison,
        tuple(signer.told() for signer in signers),
        unsigned,
        asked.keys.sha256 if asked.keys else "",
        custom_tables=_readable(lambda: tuple(custom_tables(run)), ()),
        words=_readable(lambda: tuple(other_words(run)), ()),
        unprinted=_readable(lambda: unprinted(run), False),
        materiality_percent=asked.materiality_percent,
        unsourced_percent=sourced.unsourced_percent,
        sampled=sourced.sampled,
        relocked=(*_readable(lambda: tuple(changed_by_hand(run)), ()), *sourced.relocked),
    )


def _sentences(run: Path, progress: Progress) -> Iterator[Check]:
    chips = Chips(run, progress)
    for number, (name, sentence) in enumerate(SENTENCES, start=1):
        progress("checks", number - 1, len(SENTENCES))
        check = _check(number, name, partial(_listed, sentence, run, chips))
        yield check
        if number <= AUTHENTIC and not check.passed:
            return


def _listed(sentence: Sentence, run: Path, chips: Chips) -> list[Problem]:
    return list(sentence(run, chips))


def _signed(run: Path, asked: Asked) -> tuple[Check | None, tuple[Key, ...]]:
    """Check 0, where a list of keys is given, and who signed."""
    if asked.keys is None:
        return None, ()
    keys, day = asked.keys, asked.day or date.today()
    signers: list[Key] = []

    def sentence() -> list[Problem]:
        signers.extend(signers_of(run, keys, day))
        return []

    return _check(SIGNED, "signatures", sentence), tuple(signers)


def _again(run: Path, means: Means, progress: Progress) -> tuple[Check, Comparison | None]:
    """Check 9, and the comparison where the stages came to their end."""
    found: list[Comparison] = []

    def sentence() -> list[Problem]:
        with worked_again(run, means, lambda stage, done, total: progress(f"{AGAIN} {stage}", done, total)) as again:
            found.append(compare(run, again))
        return list(found[0].stages[-1].differing)

    check = _check(AGAIN, "run again", sentence)
    return check, found[0] if found else None


def _check(number: int, name: str, sentence: Callable[[], Sequence[Problem]]) -> Check:
    """A sentence made into a check; evidence that can't even be read is a difference, not a crash."""
    try:
        return Check(number, name, tuple(sentence()))
    except Refusal as refusal:
        return Check(number, name, refusal.problems)
    except UNREADABLE as error:
        return Check(number, name, (Problem("E-VER-007", name, {"why": f"{type(error).__name__} {error}"}),))


def _environment_differences(manifest: dict[str, Any]) -> Iterator[Problem]:
    theirs = manifest.get("environment")
    if not isinstance(theirs, dict):
        return
    ours = environment()
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield Problem("W-VER-001", name, {"theirs": theirs.get(name, "-"), "ours": ours.get(name, "-")})


def _readable(read: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return read()
    except (Refusal, *UNREADABLE):
        return otherwise
