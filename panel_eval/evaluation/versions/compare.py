"""Two panel versions compared: the whole of what is said of one candidate beside the baseline."""

from __future__ import annotations

from collections.abc import Sequence

from panel_eval.evaluation.versions import remarks
from panel_eval.evaluation.versions.changes import all_changes, matched_judges
from panel_eval.evaluation.versions.display import display_differences
from panel_eval.evaluation.versions.missing import missing_items
from panel_eval.evaluation.versions.moved import moved_items
from panel_eval.evaluation.versions.paired import adjust_together, judge_tests, paired_tests
from panel_eval.evaluation.versions.pairing import pair_versions
from panel_eval.evaluation.versions.settings import ComparisonSettings
from panel_eval.evaluation.versions.version import PanelVersion, VersionPair
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
    display = display_differences(pair, settings)
    missing, changes = missing_items(pair, runs), all_changes(*runs, pair.overlap)
    return CandidateComparison(
        run=runs[1],
        overlap=pair.overlap,
        tests=tests,
        judges=_judges(pair, runs, settings),
        display=display,
        moved=moved_items(pair, settings.moved),
        missing=missing,
        changes=changes,
        warnings=[
            *remarks.pool_warnings(pair),
            *remarks.run_warnings(runs, pair.overlap),
            *remarks.untested_warnings(tests),
            *remarks.sign_warnings(tests, display),
            *remarks.missing_warnings(missing),
            *remarks.change_warnings(changes),
        ],
        verdict=tests[0].verdict,
        advice=remarks.advice(tests),
    )


def judge_together(candidates: Sequence[CandidateComparison], alpha: float) -> list[CandidateComparison]:
    """Adjust the tests of several candidates as one family for each metric: verdicts and advice follow."""
    adjusted = adjust_together([candidate.tests for candidate in candidates], alpha)
    return [
        candidate.model_copy(update={"tests": tests, "verdict": tests[0].verdict, "advice": remarks.advice(tests)})
        for candidate, tests in zip(candidates, adjusted, strict=True)
    ]


def joint_advice(candidates: Sequence[CandidateComparison]) -> str:
    """Which of the candidates, if any, in a sentence or two."""
    if len(candidates) == 1:
        return candidates[0].advice
    return remarks.joint_advice([each.run.run_id for each in candidates], [each.tests[0] for each in candidates])


def _judges(
    pair: VersionPair, runs: tuple[ComparedRun, ComparedRun], settings: ComparisonSettings
) -> dict[str, list[Difference]]:
    """Judge of both panels to its own differences; judges that have no item in common are left out."""
    found: dict[str, list[Difference]] = {}
    for name, earlier in sorted(matched_judges(*runs).items()):
        ours, theirs = pair.base.judge_q.get(earlier), pair.candidate.judge_q.get(name)
        if ours is not None and theirs is not None:
            tests = judge_tests(pair, ours[pair.base_rows], theirs[pair.candidate_rows], settings)
            found |= {name: tests} if tests else {}
    return found
