"""Two panel versions compared: the whole of what is said of one candidate beside the baseline."""

from __future__ import annotations

from panel_eval.evaluation.versions.changes import all_changes
from panel_eval.evaluation.versions.paired import paired_tests
from panel_eval.evaluation.versions.settings import ComparisonSettings
from panel_eval.evaluation.versions.version import PanelVersion, pair_versions
from panel_eval.schema.comparison import CandidateComparison, ComparedRun, Difference


def compare_versions(
    base: PanelVersion,
    candidate: PanelVersion,
    runs: tuple[ComparedRun, ComparedRun],
    settings: ComparisonSettings,
) -> CandidateComparison:
    """Compare a candidate with the baseline.

    Args:
        base: the baseline.
        candidate: the version to compare.
        runs: facts of the baseline's run and of the candidate's.
        settings: how differences are tested.

    Raises:
        NotComparableError: nothing can be compared.
    """
    pair = pair_versions(base, candidate)
    tests = paired_tests(pair, settings)
    return CandidateComparison(
        run=runs[1],
        overlap=pair.overlap,
        tests=tests,
        changes=all_changes(*runs, pair.overlap),
        verdict=tests[0].verdict,
        advice=_advice(tests[0]),
    )


def _advice(overall: Difference) -> str:
    return f"{overall.verdict}: {overall.difference.estimate}"
