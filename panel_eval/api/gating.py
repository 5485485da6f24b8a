"""The gate: may a run replace its baseline?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from panel_eval.api.baseline_file import write_baseline
from panel_eval.api.baselines import ChosenBaseline, choose_baseline
from panel_eval.api.fit_files import read_fit
from panel_eval.api.gate_files import refuse_gate_folder, write_gate
from panel_eval.api.gated_run import find_gated_run
from panel_eval.api.loading import PanelFile
from panel_eval.api.results import RunResult
from panel_eval.api.versions import compared_run, panel_version
from panel_eval.errors import NotComparableError
from panel_eval.evaluation.gate import (
    cost_checks,
    coverage_checks,
    deferral_checks,
    gate_headline,
    gate_status,
    instrument_checks,
    limit_checks,
    loss_checks,
    nothing_to_compare,
    overlap_checks,
    refused,
    skipped_losses,
    unanswered_checks,
)
from panel_eval.evaluation.versions import ComparisonSettings, compare_versions
from panel_eval.schema.comparison import CandidateComparison, Change, ComparedRun
from panel_eval.schema.gate_result import GATE_EXIT_CODES, GateCheck, GateResult
from panel_eval.schema.gate_settings import GateSettings
from panel_eval.schema.policy_metrics import PolicyReport


def gate(
    run: str | Path | RunResult,
    baseline: str | Path | RunResult | None = None,
    *,
    settings: GateSettings | PanelFile | None = None,
    allow_judge_change: bool = False,
    results: str | Path | None = None,
    out: str | Path | None = None,
    save_baseline: str | Path | None = None,
    flips: int = 10_000,
) -> GateResult:
    """Say whether a run may replace its baseline, and why. No model is asked, and no verdict raises.

    Args:
        run: a run directory or URL, a run in memory, or `latest`: the newest run in `results`.
        baseline: `last-passed`, `none`, a run, or a file of `save_baseline`; default: what the settings say.
        settings: what the run is held to, or a panel file that says it; default: the run's own panel.
        allow_judge_change: whether judges and pooling may differ from the baseline's.
        results: the results root that `last-passed` looks in; default: the folder or URL that the run lies in.
        out: folder for gate.json and the other forms of the verdict; an earlier verdict is replaced.
        save_baseline: a file to write the run to as a baseline, if the verdict is PASS.
        flips: random sign patterns of the permutation tests.

    Raises:
        InputError: the run or the baseline cannot be read, a limit names a number that the run does not have, or
            `out` holds something else.
        IncompleteError: the run was not finished, and has no scores that could be judged.
    """
    found = find_gated_run(run, results)
    opened = found.run
    held_to = _settings(opened, settings)
    if out is not None:
        refuse_gate_folder(Path(out))
    wanted = _named_baseline(held_to, settings) if baseline is None else baseline
    chosen = choose_baseline(opened, wanted, found.results)
    result = _gated(opened, chosen, held_to, allow_judge_change, flips)
    if out is not None:
        write_gate(Path(out), result, opened.humans)
    if save_baseline is not None and result.status == "PASS":
        write_baseline(opened, Path(save_baseline))
    return result


def _settings(run: RunResult, given: GateSettings | PanelFile | None) -> GateSettings:
    if isinstance(given, GateSettings):
        return given
    panel = run.manifest.panel if given is None else given.panel
    return (None if panel is None else panel.gate) or GateSettings()


def _named_baseline(settings: GateSettings, given: GateSettings | PanelFile | None) -> str | Path:
    """The baseline of the settings; a relative path in a panel file starts from its folder."""
    if isinstance(given, PanelFile) and given.path(settings.baseline).exists():
        return given.path(settings.baseline)
    return settings.baseline


def _gated(run: RunResult, chosen: ChosenBaseline, settings: GateSettings, allowed: bool, flips: int) -> GateResult:
    seed, facts = run.manifest.seed, compared_run(run)
    beside = _Beside(run, facts, chosen, settings, allowed, _how(run, settings, flips))
    checks = [
        *coverage_checks(run.manifest, run.metrics, settings),
        *beside.checks,
        *limit_checks(run.metrics, settings),
        *cost_checks(run.metrics.economics, chosen.facts, settings),
        *deferral_checks(_policy(run), settings),
    ]
    status = gate_status(checks)
    return GateResult(
        status=status,
        exit_code=GATE_EXIT_CODES[status],
        run_id=run.manifest.run_id,
        panel=facts.panel,
        task=run.metrics.task,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        baseline=chosen.facts,
        baseline_chosen=chosen.words,
        settings=settings,
        seed=seed,
        judge_change_allowed=allowed,
        checks=checks,
        judge_changes=beside.changes,
        comparison=beside.comparison,
        headline=gate_headline(status, checks, None if chosen.facts is None else chosen.facts.run_id),
    )


def _how(run: RunResult, settings: GateSettings, flips: int) -> ComparisonSettings:
    """How the comparison is made: two-sided at the level that leaves alpha on the side of a loss."""
    resamples = run.metrics.settings.get("resamples")
    drawn = resamples if isinstance(resamples, int) else ComparisonSettings.resamples
    return ComparisonSettings(2 * settings.alpha, flips, run.manifest.seed, drawn)


class _Beside:
    """The run beside its baseline: whether they can be compared, and what the comparison says.

    Attributes:
        comparison: None where there is nothing to compare.
        changes: what makes the panel another instrument.
        checks: of kind data, judges, margin and no_loss.
    """

    def __init__(
        self,
        run: RunResult,
        facts: ComparedRun,
        chosen: ChosenBaseline,
        settings: GateSettings,
        allowed: bool,
        how: ComparisonSettings,
    ) -> None:
        self.comparison: CandidateComparison | None = None
        self.changes: list[Change] = []
        if chosen.facts is None or chosen.load is None:
            self.checks = [
                GateCheck(
                    name="baseline", kind="data", status="SKIPPED", text=f"There is no baseline: {chosen.words}."
                ),
                *skipped_losses(settings, "there is no baseline"),
            ]
            return
        same, self.changes = instrument_checks(chosen.facts, facts, allowed)
        try:
            self.comparison = compare_versions(chosen.load(), panel_version(run), (chosen.facts, facts), how)
        except NotComparableError as error:
            why = refused(str(error)) if run.metrics.n_scored else nothing_to_compare()
            self.checks = [why, *same, *skipped_losses(settings, "nothing could be compared")]
            return
        overlap = overlap_checks(self.comparison.overlap, settings, _unscored(self.comparison))
        unanswered = unanswered_checks(self.comparison.missing, settings)
        self.checks = [*overlap, *same, *unanswered, *loss_checks(self.comparison.tests, settings)]


def _unscored(comparison: CandidateComparison) -> int:
    """Shared items that the baseline has no forecast of."""
    missing = comparison.missing
    return 0 if missing is None else missing.only_candidate_scored + missing.neither_scored


def _policy(run: RunResult) -> PolicyReport | None:
    """What the run's panel may decide by itself: as scored with it, or as `fit` found it."""
    if run.metrics.policy is not None or run.directory is None:
        return run.metrics.policy
    fit = read_fit(run.directory)
    return None if fit is None else fit.policy
