"""Dawid and Skene's own data (1979, table 1): five anaesthetists grade 45 patients, the first one three times."""

from __future__ import annotations

from itertools import chain

import numpy as np

GRADES = (
    "111 1 1 1 1, 333 4 3 3 4, 112 2 1 2 2, 222 3 1 2 1, 222 3 2 2 2, 222 3 3 2 2, 122 2 1 1 1, 333 3 4 3 3, "
    "222 2 2 2 3, 232 2 2 2 3, 444 4 4 4 4, 222 3 3 4 3, 111 1 1 1 1, 222 3 2 1 2, 121 1 1 1 1, 111 2 1 1 1, "
    "111 1 1 1 1, 111 1 1 1 1, 222 2 2 2 1, 222 1 3 2 2, 222 2 2 2 2, 222 2 2 2 1, 222 3 2 2 2, 221 2 2 2 2, "
    "111 1 1 1 1, 111 1 1 1 1, 232 2 2 2 2, 111 1 1 1 1, 111 1 1 1 1, 112 1 1 2 1, 111 1 1 1 1, 333 3 2 3 3, "
    "111 1 1 1 1, 222 2 2 2 2, 222 3 2 3 2, 433 4 3 4 3, 221 2 2 3 2, 232 3 2 3 3, 333 3 4 3 2, 111 1 1 1 1, "
    "111 1 1 1 1, 121 2 1 1 1, 232 2 2 2 2, 121 1 1 1 1, 222 2 2 2 2"
)
"""A patient between commas; the grades of an observer side by side, observers parted by blanks."""


def graded() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(patient, observer, grade) codes of the 315 grades, from 0."""
    patients = [patient.split() for patient in GRADES.split(",")]
    votes = chain.from_iterable(
        ((row, who, int(grade) - 1) for who, grades in enumerate(patient) for grade in grades)
        for row, patient in enumerate(patients)
    )
    patient, observer, grade = zip(*votes, strict=True)
    return np.array(patient), np.array(observer), np.array(grade)
