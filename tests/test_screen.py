"""What the commands say on the screen, in Chinese: every word of it, in the same places as in English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from carbonsink.cli import app
from carbonsink.cli.screen import guarded, padded, progress_bar, screen_words
from carbonsink.declared.area import Value
from carbonsink.run.stages import STAGES
from carbonsink.verify.line import SENTENCES
from tests.bad.area import good_area
from tests.conftest import REPOSITORY

SOURCE = REPOSITORY / "src" / "carbonsink"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")  # two words of English side by side
NO_SENTENCE = ("carbonsink ", "--", "SELECT ")  # a command, an option, a question to the ledger
EN, ZH = screen_words("en"), screen_words("zh")


def carbonsink(*arguments: str | Path) -> Result:
    return CliRunner(env={"CARBONSINK_LANG": "zh"}).invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    good_area(folder)
    return folder


@pytest.fixture(scope="module")
def estimated(home: Path) -> Result:
    return carbonsink("estimate", home, "--out", home / "runs", "--store", home / "store")


@pytest.fixture
def run(home: Path, estimated: Result) -> Path:
    return next(path for path in (home / "runs").iterdir() if path.is_dir())


def test_check_says_that_an_area_is_well_declared(home: Path) -> None:
    done = carbonsink("check", home)
    assert done.stdout == f"{home}：申报无误；4.49 公顷 = 67.3 亩，核算年份 2020, 2021，流程 tiny，方法学 rice-water-management\n"


def test_estimate_says_its_steps_and_what_they_come_to(estimated: Result, run: Path) -> None:
    steps = ["锁定影像", "生成模拟影像", "获取影像", "合成影像", "土地覆盖", "面积", "碳量核算", "不确定性", "扣减与签发", "生成报告"]
    assert estimated.stderr.splitlines() == steps
    *vintages, simulated, why, _, digest, page, verify = estimated.stdout.splitlines()
    assert vintages == [f"{year} 年  总量         24.1 吨 CO2e   签发         0 吨   暂扣        14 吨" for year in (2020, 2021)]
    assert simulated == "模拟影像：任何结果不得签发，整吨数全部暂扣" and why == "暂扣原因：影像为模拟" and digest.startswith("结果摘要 ")
    assert (page, verify) == (f"报告 {run / 'report' / 'report.html'}", f"核证命令：carbonsink verify {run}")


def test_estimate_of_many_areas_says_a_line_each(home: Path, run: Path) -> None:
    done = carbonsink("estimate", home, home / "nowhere", "--resume", "--out", home / "runs", "--store", home / "store")
    kept, refused, last = done.stdout.splitlines()
    assert "总量         48.1 吨 CO2e" in kept and kept.endswith("（沿用已有结果）")
    assert refused == f"{'nowhere':<24} 未通过：E-CFG-015" and last == "共 2 个项目区，已核算 1 个，未通过 1 个"


def test_verify_says_what_passed_and_what_did_not(run: Path) -> None:
    done = carbonsink("verify", run, "--not-again")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["1 文件完整      通过", "2 申报与因子表  通过"] and lines[-1].startswith("核证通过：各项数值均由所附证据得出（")
    (run / "left.txt").write_text("")
    done = carbonsink("verify", run, "--not-again")
    (run / "left.txt").unlink()
    assert done.stdout.startswith("1 文件完整      未通过  ") and "\n核证未通过（" in done.stdout


def test_bundle_says_how_it_is_verified(run: Path, tmp_path: Path) -> None:
    done = carbonsink("bundle", run, "--to", tmp_path / "run.zip")
    assert done.stderr.split() == ["检查文件", "打包"] and done.stdout.splitlines()[-1] == f"核证命令：carbonsink verify {tmp_path / 'run.zip'}"


def test_lock_and_mirror_say_what_they_made(home: Path, tmp_path: Path) -> None:
    made = carbonsink("lock", home, "--store", home / "store").stdout
    assert re.search(r"scenes\.lock\.json：采用 \d+ 景，未采用 \d+ 景，缺少影像的时段 \d+ 个$", made.strip())
    assert "可用此命令提供服务：carbonsink serve" in carbonsink("mirror", home, "--to", tmp_path / "out", "--store", home / "store").stdout
    (home / "scenes.lock.json").unlink()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "已中断；再次运行同一命令即可继续\n"),
        (RuntimeError("x"), "E-INT-001 RuntimeError: “x”；这是程序自身的错误：请加 --debug 重新运行，并把输出报告给我们\n"),
    ],
)
def test_a_command_that_stops_says_so(error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise error

    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    with pytest.raises(Exception):  # noqa: B017, PT011  typer.Exit has no public name of its own
        guarded(work, debug=False)
    assert capsys.readouterr().err == said


def test_a_step_of_one_area_of_many_keeps_its_number_and_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    with progress_bar() as progress:
        progress("2/9 north field land", 0, 1)
    assert capsys.readouterr().err == "2/9 north field 土地覆盖\n"


def test_every_word_of_the_screen_is_chinese() -> None:
    plain = {key for key, text in ZH.words.items() if not CHINESE.search(text) and not key.startswith("format.")}
    assert not plain


def test_columns_stand_under_one_another_in_both_languages() -> None:
    assert padded("像元收支", 13) == "像元收支     " and padded("pixel budget", 13) == "pixel budget "


def test_every_step_check_and_distribution_has_words() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py")))
    steps = {*re.findall(r'progress\("([a-z]+)"', text), *re.findall(r'"([a-z]+)", progress\)', text), *STAGES, "scenes", "scenes/radar"}
    assert len(steps) > 20 and not {step for step in steps if not EN.has(f"stage.{step}")}
    assert [EN(f"sentence.{number}") for number in range(1, 9)] == [name for name, _ in SENTENCES]
    assert not {name for name in Value.model_fields["distribution"].annotation.__args__ if not EN.has(f"factors.{name}")}  # type: ignore[union-attr]


@pytest.mark.parametrize("module", sorted((SOURCE / "cli").glob("*.py")), ids=lambda path: path.stem)
def test_no_sentence_of_a_command_stands_in_its_program(module: Path) -> None:
    """Sentences stand in the library, where each has its Chinese; help has its own file there."""
    assert not [text for text in sentences(ast.parse(module.read_text(encoding="utf-8"))) if not text.startswith(NO_SENTENCE)]


def sentences(tree: ast.AST) -> Iterator[str]:
    """The texts of a program with two words of English side by side, docstrings and help left out."""
    nodes = list(ast.walk(tree))
    helps = {id(node.value) for node in nodes if isinstance(node, ast.keyword) and node.arg == "help"}
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in helps | docs and WORDS.search(node.value):
            yield node.value
