"""What is wrong with a command line, in Chinese: typer has English sentences for it, which are known by their patterns.

"No such option: --blok (Possible options: --block)"   ->   "没有选项 --blok（相近的有：--block）。"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from typer.exceptions import TyperException

from carbonsink.base.problems import user_language
from carbonsink.base.topics import LIBRARY


@contextmanager
def told() -> Iterator[None]:
    """Let what typer refuses say so in the user's language."""
    try:
        yield
    except TyperException as error:
        if user_language() == "zh" and (say := getattr(error, "format_message", None)):
            words = in_chinese(say())
            vars(error)["format_message"] = lambda: words
        raise


def in_chinese(sentence: str) -> str:
    """A sentence of typer's in Chinese, its parts too; as it is where it's unknown."""
    for pattern, words in sentences():
        if found := pattern.fullmatch(sentence):
            return words.format(*map(in_chinese, found.groups()))
    return sentence


def usage_in_chinese(line: str) -> str:
    """The line that shows how a command is called."""
    words: Mapping[str, str] = _read()["usage"]
    for english, chinese in words.items():
        line = line.replace(english, chinese)
    return line


@cache
def sentences() -> list[tuple[re.Pattern[str], str]]:
    """What typer says, as patterns, and the same in Chinese."""
    return [(re.compile(one["en"], re.DOTALL), one["zh"]) for one in _read()["sentence"]]


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads((LIBRARY / "usage.toml").read_text(encoding="utf-8"))
