"""Serial numbers of blocks: CN-<division>-<method>-<project>-<vintage>-<batch>-<first>-<last>-<check>.

    block = Block("350627", "RICEWATERMANAGEMENT", 1, 2020, 1, 1, 2300)
    str(block)                                      CN-350627-RICEWATERMANAGEMENT-0001-2020-1-1-2300-29
    read_serial(text) == block                      a Refusal where the form, the division or the check digits are wrong
    block.part(1, 100), block.part(101, 2300)       blocks are split on transfer and never renumbered

Units are numbered through the whole ledger, so no number is used twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.place import known_division
from carbonsink.ledger.rules import serial_format

SERIAL = re.compile(r"([A-Z]{2})-(\d{6})-([A-Z0-9]+)-(\d{4,})-(\d{4})-([1-9]\d*)-([1-9]\d*)-([1-9]\d*)-(\d{2})")


@dataclass(frozen=True, order=True)
class Block:
    """Units from first to last of one issuance."""

    division: str
    method: str
    project: int
    vintage: int
    batch: int
    first: int
    last: int

    @property
    def quantity(self) -> int:
        """Units in the block [t CO2e]."""
        return self.last - self.first + 1

    def part(self, first: int, last: int) -> Block:
        """A part of the block under the same numbers."""
        return replace(self, first=first, last=last)

    def __str__(self) -> str:
        body = f"{serial_format().country}-{self.division}-{self.method}-{self.project:04d}-{self.vintage}-{self.batch}-{self.first}-{self.last}"
        return f"{body}-{check_digits(body):02d}"


def check_digits(text: str) -> int:
    """The two check digits of a text, ISO/IEC 7064 MOD 97-10; signs that are neither letter nor digit don't count."""
    number = int("".join(str(int(sign, 36)) for sign in text if sign.isalnum()))
    modulus = serial_format().modulus
    return modulus + 1 - number * 100 % modulus


def read_serial(text: str) -> Block:
    """The block a serial number names; a Refusal where it is none of ours or was mistyped."""
    found = SERIAL.fullmatch(text.strip())
    if not found or found[1] != serial_format().country:
        raise refuse("E-LED-010", text, Exit.USAGE)
    expected = check_digits(text.strip().rpartition("-")[0])
    if int(found[9]) != expected:
        raise refuse("E-LED-011", text, Exit.USAGE, found=found[9])
    block = Block(found[2], found[3], *map(int, found.groups()[3:8]))
    if block.first > block.last:
        raise refuse("E-LED-010", text, Exit.USAGE)
    return block


def method_code(methodology: str) -> str:
    """A methodology's id as it stands in serial numbers: capitals and digits alone."""
    return "".join(sign for sign in methodology.upper() if sign.isalnum())


def check_division(code: str) -> str:
    """A division code of six digits whose province exists, or a Refusal."""
    if not known_division(code):
        raise refuse("E-LED-012", "--division", Exit.USAGE, found=code)
    return code
