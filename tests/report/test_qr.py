"""The QR code holds the text it was given: its modules are those of the published encoder's matrix, and nothing else is drawn."""

import re
from xml.etree import ElementTree

import pytest
import segno

from carbonsink.report.drawings.qr import LEVEL, qr_svg

DIGEST = "b01f60266db2db18bc2a1b95a0428b1b026a110ab7fff72b1ec705f15891d984"


def dark_modules(svg: str, side: int) -> set[tuple[int, int]]:
    """(row, column) of the dark modules that the path's strokes cover, the quiet zone of four taken off."""
    path = re.search(r' d="([^"]+)"', svg)
    assert path
    x, y, dark = 0.0, 0.0, set()
    for letter, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path.group(1)):
        steps = [float(one) for one in numbers.split()]
        if letter == "h":
            dark |= {(int(y - 0.5) - 4, int(x) + i - 4) for i in range(int(steps[0]))}
            x += steps[0]
        else:
            x, y = (steps[0], steps[1]) if letter == "M" else (x + steps[0], y + steps[1])
    assert all(0 <= row < side and 0 <= column < side for row, column in dark)
    return dark


@pytest.mark.parametrize("text", [DIGEST, "sink-ledger/1 7 " + DIGEST, "台账检查点 350627"])
def test_modules_drawn_are_those_of_the_code(text: str) -> None:
    matrix = segno.make(text, error=LEVEL, micro=False, boost_error=False).matrix
    expected = {(r, c) for r, row in enumerate(matrix) for c, dark in enumerate(row) if dark}
    assert dark_modules(qr_svg(text), len(matrix)) == expected


def test_it_is_one_inline_element_that_names_no_size_and_is_the_same_again() -> None:
    svg = qr_svg(DIGEST)
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg") and root.get("class") == "qr"
    assert root.get("viewBox") and root.get("width") is None
    assert svg == qr_svg(DIGEST)


def test_those_who_cannot_see_it_are_told() -> None:
    root = ElementTree.fromstring(qr_svg(DIGEST, 'digest of "this" & that'))
    assert (root.get("role"), root.get("aria-label")) == ("img", 'digest of "this" & that')


def test_a_text_longer_than_a_code_holds_is_an_error() -> None:
    with pytest.raises(ValueError, match="too large"):
        qr_svg("9" * 8000)
