"""The words of a run's pages beside this version's: what differs, and whether its pages may be printed with them again."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from pathlib import Path

from carbonsink.base.library import LANGUAGES, words_of
from carbonsink.base.problems import Problem
from carbonsink.base.topics import LIBRARY

Words = Mapping[str, Mapping[str, str]]  # by file, by key


def other_words(run: Path) -> Iterator[Problem]:
    """The words of a run's pages that aren't this version's, each with both texts."""
    theirs, ours = _both(run)
    for name, key in _differing(theirs, ours):
        yield Problem("W-VER-002", f"{name} {key}", {"theirs": theirs.get(name, {}).get(key, ""), "ours": ours.get(name, {}).get(key, "")})


def fit_for_pages(run: Path) -> bool:
    """Whether the languages of a run have this version's keys, each with the same placeholders and nothing else in braces.

    Only then can pages be printed with them: a text of somebody else's may not ask a value for more than this version shows of it.
    """
    try:
        theirs, ours = map(_asked, _both(run))
    except ValueError:
        return False  # braces that don't close
    return theirs == ours


def unprinted(run: Path) -> bool:
    """Whether the run's pages were printed with words that its stages, run again, can't take: texts of symbols, languages that aren't fit."""
    return not fit_for_pages(run) or any(not name.startswith(LANGUAGES) for name, _ in _differing(*_both(run)))


def _both(run: Path) -> tuple[Words, Words]:
    return words_of(run / "declared" / "library"), words_of(LIBRARY)


def _differing(theirs: Words, ours: Words) -> Iterator[tuple[str, str]]:
    for name in sorted(theirs.keys() | ours.keys()):
        said, say = theirs.get(name, {}), ours.get(name, {})
        yield from ((name, key) for key in sorted(said.keys() | say.keys()) if said.get(key) != say.get(key))


def _asked(words: Words) -> dict[tuple[str, str], set[tuple[str | None, ...]]]:
    """What each text of the languages asks to be filled in: name, form and conversion of every pair of braces."""
    texts = ((name, key, text) for name, found in words.items() if name.startswith(LANGUAGES) for key, text in found.items())
    return {(name, key): {part[1:] for part in string.Formatter().parse(text) if part[1] is not None} for name, key, text in texts}
