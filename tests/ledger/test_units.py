"""Who holds what: pieces tile their issue, whatever is moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carbonsink.ledger.units import CANCELLED, HELD, RETIRED, VOID, Piece, Units

ISSUE = [Piece(1, 90, "village", HELD), Piece(91, 100, "buffer", HELD)]


def test_a_move_splits_a_piece_in_three_at_most() -> None:
    units = Units(ISSUE)
    assert units.move(11, 20, "village", "factory", HELD)
    assert [(one.first, one.last, one.account) for one in units.pieces] == [(1, 10, "village"), (11, 20, "factory"), (21, 90, "village"), (91, 100, "buffer")]


def test_what_isn_t_held_so_doesn_t_move() -> None:
    units = Units(ISSUE)
    assert units.move(1, 10, "village", "village", RETIRED)
    wrong = [(1, 10, "village"), (5, 15, "village"), (85, 95, "village"), (11, 20, "factory"), (101, 110, "village"), (0, 3, "village"), (20, 11, "village")]
    assert not any(units.move(*one, "x", HELD) for one in wrong)
    assert units.at(11, 90) == Piece(11, 90, "village", HELD) and units.at(5, 15) is None and units.at(0, 1) is None


def test_void_is_all_of_it() -> None:
    units = Units(ISSUE)
    units.void()
    assert units.pieces == [Piece(1, 100, "", VOID)]


@given(
    st.lists(st.tuples(st.integers(0, 110), st.integers(0, 30), st.sampled_from("abc"), st.sampled_from("abc"), st.sampled_from([HELD, RETIRED, CANCELLED])))
)
def test_pieces_tile_the_issue_whatever_is_moved(moves: list[tuple[int, int, str, str, str]]) -> None:
    units = Units([Piece(1, 90, "a", HELD), Piece(91, 100, "buffer", HELD)])
    for first, more, holder, to, state in moves:
        gone = {n for one in units.pieces if one.state != HELD for n in range(one.first, one.last + 1)}
        units.move(first, first + more, holder, to, state)
        assert gone <= {n for one in units.pieces if one.state != HELD for n in range(one.first, one.last + 1)}  # what is retired stays so
        assert [one.first for one in units.pieces] == [1, *(one.last + 1 for one in units.pieces[:-1])] and units.pieces[-1].last == 100
