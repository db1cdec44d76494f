"""Somebody at a terminal: the form in a real pseudo-terminal, in Chinese, by numbers; what stops halfway leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Exit
from tests.begin.boundaries import zipped
from tests.terminal import terminal


@pytest.fixture
def boundary(tmp_path: Path) -> Path:
    return zipped(tmp_path / "xinglong.zip")


def test_the_form_is_filled_in_by_numbers_in_chinese_and_the_area_stands(boundary: Path, tmp_path: Path) -> None:
    with terminal("new", tmp_path / "xinglong", "--boundary", boundary) as shown:
        shown.answer("1  稻田水分管理（减少甲烷）  (rice)", "1")
        shown.answer("项目区中文名称", "兴隆稻田")
        shown.answer("项目区英文名称", "Xinglong paddies")
        shown.answer("核算期第一年", "二〇二一")
        shown.wait("E-BEG-013")  # and asked again
        shown.answer("", "2021")
        shown.answer("核算期最后一年", "2021")
        shown.answer("影像来源", "simulated")
        for number in ("1", "1", "1", "1"):  # region, cropping, amendment, preseason
            shown.answer("  1  ", number)
        shown.answer("项目前（基准线）", "2")
        shown.wait("E-BEG-012")  # the clause, at once, with what would satisfy it
        shown.wait("continuously_flooded")
        shown.answer("", "continuously_flooded")
        shown.answer("项目中", "multiple_drainage")
        for value in ("5", "150", "1"):
            shown.answer("[", value)
        shown.answer("来源文件", "农户记录")
        shown.answer("在该文件中的位置", "第 3 册")
        code, last = shown.end()
    assert code == 0, last
    assert "xinglong" in last and (tmp_path / "xinglong" / "area.toml").is_file()


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_who_stops_leaves_nothing_but_the_answers_to_go_on_with(boundary: Path, tmp_path: Path, key: str) -> None:
    with terminal("new", tmp_path / "xinglong", "--boundary", boundary) as shown:
        shown.answer("(rice)", "1")
        shown.wait("项目区中文名称")
        shown.wait("?")
        shown.type(key)
        code, last = shown.end()
    assert code == Exit.INTERRUPTED, last
    assert "--answer use=rice" in last and "Traceback" not in last
    assert [path.name for path in tmp_path.iterdir()] == ["xinglong.zip"]
