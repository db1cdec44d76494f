"""One small run for all tests of sampling."""

from __future__ import annotations

import pytest

from tests.areas.sampling.world import World, make_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The run; nothing of it is changed by a test."""
    return make_world(tmp_path_factory.mktemp("sampling"))
