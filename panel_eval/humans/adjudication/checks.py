"""Which check a policy names, ready to be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from panel_eval.humans.adjudication.exact import exact_check
from panel_eval.humans.adjudication.findings import Checking
from panel_eval.humans.adjudication.numeric import numeric_check
from panel_eval.humans.adjudication.python_check import python_check
from panel_eval.schema.adjudication_policy import ExactCheck, NumericCheck, PythonCheck


@contextmanager
def checking(
    policy: ExactCheck | NumericCheck | PythonCheck, labels: Sequence[str], folder: Path
) -> Iterator[Checking]:
    """The check of a policy; what it started is gone afterwards.

    Args:
        policy: which check, and what it compares.
        labels: of the rubric.
        folder: of the rubric, for a check in Python.

    Raises:
        InputError: the policy names a unit or a function that there is not.
    """
    match policy:
        case ExactCheck():
            yield exact_check(policy, labels)
        case NumericCheck():
            yield numeric_check(policy, labels)
        case PythonCheck():
            with python_check(policy, labels, folder) as check:
                yield check
