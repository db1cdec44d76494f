"""Kappa and its standard error against printed figures, and at its edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.areas.sampling.agreement import confusion, kappa

SAS = np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]])  # an example of the SAS manual, as statsmodels tests against: 0.4842, ASE 0.1380
FLEISS = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])  # Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, table 18.1


def test_the_printed_kappas_and_their_standard_errors() -> None:
    sas, fleiss = kappa(SAS), kappa(FLEISS)
    assert (sas.points, sas.agreed) == (19, 13) and (fleiss.points, fleiss.agreed) == (100, 89)
    assert sas.kappa == pytest.approx(0.4842, abs=5e-5) and sas.standard_error == pytest.approx(0.1380, abs=5e-5)
    assert fleiss.kappa == pytest.approx(0.68, abs=5e-3)


def test_the_standard_error_is_what_repeated_samples_show() -> None:
    random = np.random.Generator(np.random.Philox(7))
    values = [kappa(random.multinomial(400, FLEISS.ravel() / 100).reshape(3, 3)).kappa for _ in range(2000)]
    error = kappa(FLEISS * 4).standard_error
    assert error is not None and np.std([v for v in values if v is not None]) == pytest.approx(error, rel=0.06)


def test_full_agreement_is_one_without_error() -> None:
    assert kappa(np.diag([5, 7, 3])) == kappa(np.diag([5, 7, 3])).__class__(15, 15, 1.0, 0.0)


@pytest.mark.parametrize("table", [np.zeros((3, 3), np.int64), np.diag([9, 0, 0])])
def test_where_all_is_one_class_nothing_is_known(table: np.ndarray) -> None:  # type: ignore[type-arg]
    assert kappa(table).kappa is None and kappa(table).standard_error is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60))
def test_who_is_first_does_not_matter(pairs: list[tuple[str, str]]) -> None:
    first, second = zip(*pairs, strict=True)
    one, other = kappa(confusion(first, second, "abc")), kappa(confusion(second, first, "abc"))
    assert (one.points, one.agreed) == (other.points, other.agreed)
    assert one.kappa == pytest.approx(other.kappa) and one.standard_error == pytest.approx(other.standard_error, abs=1e-9)
