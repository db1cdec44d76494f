"""Help in English and in Chinese: every command and every option has both, and the locale decides."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from carbonsink.cli import app, usage
from carbonsink.cli.help import NAME, chinese, said

SPEAKERS = {"serve"}  # whose results are no facts: a server's log


def commands(command: Any, path: str = NAME) -> Iterator[tuple[str, Any]]:
    """Every command with its path, groups before what is below them."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, f"{path} {name}")


EVERY = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", EVERY)
def test_a_command_and_its_parameters_have_help_in_both_languages(path: str) -> None:
    words, command = chinese(), EVERY[path]
    assert command.help and words.get(path, {}).get("about"), path
    without = [p.name for p in command.params if not p.help or not said(p.name, path, words)]
    assert not without


def test_no_chinese_help_is_left_of_what_is_gone() -> None:
    words = chinese()
    assert words.keys() == EVERY.keys() | {f"{NAME} any"}
    for path, command in EVERY.items():
        assert words[path].keys() - {"about"} <= {p.name for p in command.params}, path


@pytest.mark.parametrize("path", [path for path, command in EVERY.items() if not hasattr(command, "commands") and path.split()[-1] not in SPEAKERS])
def test_every_command_answers_as_json_too(path: str) -> None:
    assert "as_json" in {p.name for p in EVERY[path].params}


def shown(*arguments: str, columns: int = 200, **locale: str) -> str:
    plain = {name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES", "LANG", "CARBONSINK_LANG")}
    called = [sys.executable, "-m", "carbonsink", *arguments, "--help"]
    return subprocess.run(called, env=plain | locale | {"COLUMNS": str(columns)}, capture_output=True, text=True, check=True, encoding="utf-8").stdout


WRONG = {  # a command line that can't be read -> what is said of it
    "estimate": "缺少参数 'AREA...'。",
    "sign x": "缺少选项 '--key'。",
    "estimat": "没有命令 'estimat'；是否指 'estimate'？",
    "ledger certify": "没有命令 'certify'",
    "ledger foo": "没有命令 'foo'。",
    "estimate x --blok 3": "没有选项 --blok（相近的有：--block）。",
    "report x --quick": "没有选项 --quick。",
    "estimate x --block": "选项 '--block' 需要一个值。",
    "verify --json=3 x": "选项 '--json' 不带值。",
    "lock x y z": "多余的参数：y z。",
    "sign x --key k --role boss": "'--role' 的值无效：'boss' 不在 'submitter', 'verifier' 之列。",
    "verify x --on 2020": "'--on' 的值无效：'2020' 不符合格式 '%Y-%m-%d'。",
    "verify x --seed few": "'--seed' 的值无效：应为整数。",
    "verify x --materiality much": "'--materiality' 的值无效：应为数值。",
    "verify x --seed -1": "'--seed' 的值无效：不得小于 0。",
    "verify x --materiality 101": "'--materiality' 的值无效：不得大于 100。",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_command_line_that_cannot_be_read_is_explained_in_chinese(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(app, line.split())
    assert done.exit_code == 2 and WRONG[line] in done.stderr, done.stderr
    assert "Usage" not in done.stderr and not re.search(r"\b(?:No such|Missing|Invalid|Input should)\b", done.stderr)


def test_an_english_speaker_is_told_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    assert "No such option: --blok" in CliRunner().invoke(app, ["estimate", "x", "--blok", "3"]).stderr


def test_every_sentence_about_a_command_line_is_one_that_typer_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    heard, known = [], usage.in_chinese

    def listening(sentence: str) -> str:
        heard.append(sentence)
        return known(sentence)

    monkeypatch.setattr(usage, "in_chinese", listening)
    for line in WRONG:
        CliRunner().invoke(app, line.split())
    assert [pattern.pattern for pattern, _ in usage.sentences() if not any(map(pattern.fullmatch, heard))] == []
    assert known("something new.") == "something new."


def test_the_locale_decides_the_language() -> None:
    assert "把项目区走完八个阶段" in shown(LANG="zh_CN.UTF-8") and "为当前 shell 安装命令补全" in shown(LANG="zh_CN.UTF-8")
    assert "地块文件" in shown("new", LANG="zh_CN.UTF-8") and "永久注销" in shown("ledger", LANG="zh_CN.UTF-8")
    assert "Run areas through all eight stages" in shown(LANG="de_DE.UTF-8") and "选项" not in shown(LANG="C.UTF-8")


def helped(path: str) -> str:
    """A command's help where the locale is Chinese."""
    return shown(*path.split()[1:], LANG="zh_CN.UTF-8")


@pytest.mark.parametrize("path", [path for path in EVERY if path.count(" ") < 2])
def test_every_commands_help_is_chinese_to_its_last_line(path: str) -> None:
    """Every line of a parameter or a command has Chinese words, those for --help and --version too."""
    text = helped(path)
    lines = [line for line in text.splitlines() if re.search(r"[│|] +[*]? *(--)?[a-z]", line)]
    plain = [line for line in lines if not re.search(r"[\u4e00-\u9fff]", line)]
    assert lines and not plain, plain
    assert "显示本帮助" in text


@pytest.mark.parametrize("path", [path for path in EVERY if path.count(" ") < 2])
def test_no_word_of_the_chinese_help_is_cut_off_at_80_columns(path: str) -> None:
    text = shown(*path.split()[1:], columns=80, LANG="zh_CN.UTF-8")
    assert "…" not in text and "env var" not in text, text


def test_completion_is_offered() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).stdout
