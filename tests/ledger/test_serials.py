"""Serial numbers: ours, and Verra's 200 real blocks."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.ledger.registers import overlapping, read_verra
from carbonsink.ledger.serials import SERIAL, Block, check_digits, check_division, method_code, read_serial
from tests.ledger.making import refused

BLOCK = Block("350627", "RICEWATERMANAGEMENT", 1, 2020, 1, 1, 2300)
blocks = st.builds(
    lambda project, vintage, batch, first, more: Block("350627", "VM0042", project, vintage, batch, first, first + more),
    st.integers(1, 99_999), st.integers(1990, 2100), st.integers(1, 99), st.integers(1, 10**12), st.integers(0, 10**9),
)  # fmt: skip


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "cases" / "registry_serials" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_check_digits_are_those_of_iso_7064() -> None:
    assert check_digits("794") == 44  # the standard's own example of MOD 97-10: 79444
    assert check_digits("WEST12345698765432GB") == 82  # GB82 WEST 1234 5698 7654 32, the register's example of an IBAN


@given(blocks)
def test_a_serial_number_is_read_as_it_was_written(block: Block) -> None:
    assert read_serial(str(block)) == block


@given(blocks, st.data())
def test_one_wrong_digit_is_noticed(block: Block, data: st.DataObject) -> None:
    text = str(block)
    place = data.draw(st.sampled_from([n for n, sign in enumerate(text) if sign.isdigit()]))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != text[place]]))
    changed = text[:place] + wrong + text[place + 1 :]
    refused(lambda: read_serial(changed), "E-LED-011" if SERIAL.fullmatch(changed) else "E-LED-010")  # a number doesn't begin with 0


def test_a_block_is_split_and_keeps_its_numbers() -> None:
    assert str(BLOCK).startswith("CN-350627-RICEWATERMANAGEMENT-0001-2020-1-1-2300-")
    parts = BLOCK.part(1, 100), BLOCK.part(101, 2300)
    assert [part.quantity for part in parts] == [100, 2200] and BLOCK.quantity == 2300
    assert overlapping(parts) == []


@pytest.mark.parametrize("text", ["", "CN-1", "US" + str(BLOCK)[2:], str(BLOCK)[:-3], str(replace(BLOCK, first=5, last=4))])
def test_what_is_no_serial_number_is_said(text: str) -> None:
    refused(lambda: read_serial(text), "E-LED-010")


def test_a_methodology_s_code_is_capitals_and_digits() -> None:
    assert method_code("ccer-14-001") == "CCER14001"


@pytest.mark.parametrize("code", ["350627", "110101", "659000"])
def test_a_division_of_a_province_is_taken(code: str) -> None:
    assert check_division(code) == code


@pytest.mark.parametrize("code", ["35062", "3506277", "990627", "35062a", ""])
def test_a_division_that_is_none_is_refused(code: str) -> None:
    refused(lambda: check_division(code), "E-LED-012")


def test_verra_s_blocks_are_read_and_written_again(shared: Path) -> None:
    listed = rows(shared, "verra_serials.csv")
    found = [read_verra(row["serial"]) for row in listed]
    assert len(found) == 200 and sum(block.country == "CN" for block in found) == 14
    assert [str(block) for block in found] == [row["serial"] for row in listed]
    assert [block.quantity for block in found] == [int(row["quantity_issued"]) for row in listed]
    assert [(block.start.isoformat(), block.end.isoformat()) for block in found] == [(row["vintage_start"], row["vintage_end"]) for row in listed]
    assert overlapping(found) == []


def test_one_shifted_block_is_found(shared: Path) -> None:
    found = sorted((read_verra(row["serial"]) for row in rows(shared, "verra_serials.csv")), key=lambda block: block.first)
    earlier, mover = found[10], found[11]
    shift = mover.first - earlier.last
    found[11] = replace(mover, first=mover.first - shift, last=mover.last - shift)
    assert overlapping(found) == [(earlier, found[11])]


@pytest.mark.parametrize("text", ["", "19385-941467007", "19385-941467007-941467431-VCS-VCU-1507-VER-ET-14-1340-01012020-31122020-7"])
def test_what_isn_t_verra_s_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="Verra"):
        read_verra(text)
