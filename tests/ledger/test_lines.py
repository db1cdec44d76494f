"""Entries read some thousand at a time say what each of them says alone, and nothing can be hidden between two of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from carbonsink.ledger.lines import CHUNK, bodies, read_lines
from tests.ledger.making import refused

ENTRY: dict[str, Any] = {"seq": 1, "prev": "0", "hash": "1", "body": "{}"}


def written(folder: Path, *lines: str) -> Path:
    path = folder / "x.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_texts_read_together_say_what_each_says_alone() -> None:
    texts = ['{"to":"村"}', '{"a":[1,{"b":"},{"}]}', "{}"]
    assert bodies(texts) == [json.loads(text) for text in texts]


@pytest.mark.parametrize("hidden", [['{"a":1},{"b":2}', '{"c":[1', "2]}"], ['{"a":1', '"b":2}', '{"c":1},{"d":2}'], ['{"a":1}],[{"b":2}', "{}", "{}"]])
def test_texts_that_are_json_only_together_say_nothing(hidden: list[str]) -> None:
    assert bodies(hidden) == [{} if text != "{}" else json.loads(text) for text in hidden]


@pytest.mark.parametrize("text", ["[1]", "{", '"x"', "", "null", "[" * 100_000])
def test_a_text_that_holds_no_object_says_nothing_and_the_others_say_what_they_did(text: str) -> None:
    assert bodies(['{"a":1}', text, '{"b":2}']) == [{"a": 1}, {}, {"b": 2}]


def test_lines_come_in_their_order_however_many_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, *(json.dumps(ENTRY | {"seq": n}) for n in range(1, 2 * CHUNK + 2)))
    assert [row for rows in read_lines(path) for row in rows] == [(n, "0", "1", "{}") for n in range(1, 2 * CHUNK + 2)]


@pytest.mark.parametrize(
    "line", ["", "[1]", '{"seq": 1}', "{", json.dumps(ENTRY | {"seq": "1"}), json.dumps(ENTRY | {"body": {}}), json.dumps(ENTRY | {"seq": True})]
)
def test_the_line_that_is_no_entry_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, *[json.dumps(ENTRY)] * CHUNK, json.dumps(ENTRY), line)
    refusal = refused(lambda: list(read_lines(path)), "E-LED-070")
    assert refusal.problems[0].where == f"x.jsonl:{CHUNK + 2}"


def test_a_line_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(json.dumps(ENTRY).encode() + b'\n{"seq": 2, "prev": "\xff"}\n')
    assert refused(lambda: list(read_lines(path)), "E-LED-070").problems[0].where == "x.jsonl:2"
