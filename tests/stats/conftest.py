"""Examples and data that several tests of the statistics share."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from panel_eval.stats.arrays import FloatArray

DATA = Path(os.environ.get("PANEL_EVAL_DATA") or Path(__file__).resolve().parents[2] / "../shared/data")


@pytest.fixture
def mri() -> tuple[FloatArray, FloatArray]:
    """Four radiologists said mild, moderate, moderate, severe; the panel says .1, .6, .3 (METHODS 1.1)."""
    return np.array([[0.25, 0.50, 0.25]]), np.array([[0.10, 0.60, 0.30]])


@pytest.fixture
def two_resamples_of_three() -> FloatArray:
    return np.array([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]])


@pytest.fixture(scope="session")
def data_folder() -> Path:
    if not DATA.is_dir():
        pytest.skip(f"no data sets in {DATA}; set PANEL_EVAL_DATA to the folder that holds them")
    return DATA
