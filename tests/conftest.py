"""What all tests share: items made from counts, and where the cassettes are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from browser import chromium as chromium  # fixtures are found where they are imported
from browser import open_page as open_page
from made_humans import humans_from_counts
from object_storage import bucket as bucket
from object_storage import s3_server as s3_server
from postgresql import postgresql as postgresql
from postgresql import postgresql_server as postgresql_server

from panel_eval.humans import HumanLabels

pytest_plugins = ["panel_eval.pytest_plugin", "pytester"]

CASSETTES = Path(__file__).parent / "cassettes"


@pytest.fixture
def panel_cassette_dir() -> Path:
    return CASSETTES


@pytest.fixture(scope="session")
def make_humans() -> Callable[..., HumanLabels]:
    return humans_from_counts
