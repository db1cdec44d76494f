"""The published forms: JSON Lines byte for byte, and other registers' tables."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from carbonsink.ledger import exports
from carbonsink.ledger.checking import check
from carbonsink.ledger.moves import reversal, transfer, void
from carbonsink.ledger.store import Ledger, opened
from tests.ledger.making import field, issue, new_ledger, said


@pytest.fixture
def busy(ledger: Ledger) -> Ledger:
    """Two projects, a transfer, a reversal and a void issue."""
    issue(ledger, said("rice", years=(2020, 2021)))
    issue(ledger, said("tea", field(5000), pools=("SOC",)))
    transfer(ledger, next(exports.units(ledger))["serial"], "village", "factory", 30)
    reversal(ledger, "rice", 4, "typhoon")
    void(ledger, 6, "the wrong parcels")
    return ledger


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_json_lines_are_the_same_bytes_each_time_and_are_checked_like_the_file(busy: Ledger, tmp_path: Path) -> None:
    lines = "".join(exports.jsonl(busy))
    with opened(busy.path, write=False) as again:
        assert "".join(exports.jsonl(again)) == lines
    path = tmp_path / "ledger.jsonl"
    path.write_text(lines, encoding="utf-8")
    one, other = check(path), check(busy.path)
    assert one.passed and other.passed and (one.head, one.entries, one.totals) == (other.head, other.entries, other.totals)


def test_the_same_acts_at_the_same_times_make_the_same_ledger(tmp_path: Path) -> None:
    heads = []
    for name in ("a", "b"):
        with new_ledger(tmp_path, name) as ledger:
            issue(ledger, said("rice", years=(2020, 2021)))
            heads.append("".join(exports.jsonl(ledger)))
    assert heads[0] == heads[1]


def test_the_tables_of_the_climate_action_data_trust_hang_together(busy: Ledger) -> None:
    made = {name: table(text) for name, text in exports.tables(busy, "cadt").items()}
    assert set(made) == {"projects", "projectLocations", "issuances", "units"}
    projects, places, issuances = (
        {row[key] for row in made[name]} for name, key in (("projects", "warehouseProjectId"), ("projectLocations", "id"), ("issuances", "id"))
    )
    assert projects == {"rice", "tea"}
    assert {row["warehouseProjectId"] for row in made["issuances"]} == projects
    assert {row["issuanceId"] for row in made["units"]} == issuances and {row["projectLocationId"] for row in made["units"]} == places
    assert sorted({row["unitStatus"] for row in made["units"]}) == ["Buffer", "Cancelled", "Held", "Inactive"]
    assert made["issuances"][0]["startDate"] == "2020-01-01" and made["issuances"][0]["endDate"] == "2020-12-31"
    assert {row["unitType"] for row in made["units"]} == {"Reduction - nature", "Removal - nature"}


def test_the_national_register_s_fields(busy: Ledger) -> None:
    made = {name: table(text) for name, text in exports.tables(busy, "ccer").items()}
    assert [row["项目编号"] for row in made["projects"]] == ["1", "2"]
    assert [(row["年份"], row["核证减排量(tCO2e)"], row["缓冲量(tCO2e)"]) for row in made["issuances"]] == [
        ("2020", "100", "10"),
        ("2021", "100", "10"),
        ("2020", "100", "10"),
    ]
    assert all(row["序列号"].startswith("CN-350627-") for row in made["issuances"])


@pytest.mark.parametrize("form", ["cadt", "ccer"])
def test_every_column_is_one_of_our_words_or_said_outright(busy: Ledger, form: str) -> None:
    rows = {"projects": next(exports.projects(busy)), "issuances": next(exports.issuances(busy)), "units": next(exports.units(busy))}
    for name, words in exports.columns()[form].items():
        if name in exports.ROWS:
            assert all(word.startswith("= ") or word in rows[exports.ROWS[name]] for word in words.values()), name
