"""Two panel versions compared: the whole of what is said of one candidate beside the baseline."""

from __future__ import annotations

from panel_eval.evaluation.versions.paired import TestSettings, paired_tests
from panel_eval.evaluation.versions.version import PanelVersion, pair_versions
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, Difference


def compare_versions(
    base: PanelVersion, candidate: PanelVersion, run: ComparedRun, settings: TestSettings
) -> CandidateComparison:
    """Compare a candidate with the baseline.

    Args:
        base: the baseline.
        candidate: the version to compare.
        run: facts of the candidate's run.
        settings: how differences are tested.

    Raises:
        NotComparableError: nothing can be compared.
    """
    pair = pair_versions(base, candidate)
    tests = paired_tests(pair, settings)
    return CandidateComparison(
        run=run, overlap=pair.overlap, tests=tests, verdict=tests[0].verdict, advice=_advice(tests[0])
    )


def _advice(overall: Difference) -> str:
    return f"{overall.verdict}: {overall.difference.estimate}"
