"""The tiny good area every bad one is made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bad.area import Area, good_area


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Area:
    monkeypatch.delenv("CARBONSINK_NOWHERE", raising=False)
    return good_area(tmp_path)
