"""Probing a panel: one small call to each judge, to see what really comes back. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from panel_eval import schema
from panel_eval.api.budgets import budget_of
from panel_eval.api.loading import PanelFile, load_panel
from panel_eval.api.preparing import Prepared
from panel_eval.engine import JOURNAL_NAME, StopSignal, earlier_manifest, read_stored, run_async
from panel_eval.engine.ledger import Ledger
from panel_eval.engine.probing import probe_judges, refusals, warnings
from panel_eval.engine.spending import spent_in
from panel_eval.errors import JudgeSetupError
from panel_eval.judges import Judge, build_judges, close_judges
from panel_eval.judges.probe import was_answered
from panel_eval.schema import JudgeKind, Panel, Probe, ProbedJudge, ProbeReport, Rubric

OnNotice = Callable[[str], None]
"""Told, in a line, what a user should know before a run goes on."""

_KINDS: dict[str, JudgeKind] = {"fake": "scripted", "replay": "recorded", "local": "local"}
_NOT_ASKED = ("scripted", "recorded")


def probe(panel: str | Path | PanelFile | Panel) -> ProbeReport:
    """Ask each judge of a panel once about a made-up item, and say what came and what the panel asks beyond it.

    Needs the panel and its rubric, no labels. Judges that answer from a script or a record are not asked.

    Args:
        panel: a panel file, or a panel made in Python (its paths start from the working directory).

    Raises:
        InputError: with every problem of the panel or the rubric.
    """
    file = _panel_file(panel)
    rubric = file.load_rubric()
    judges: dict[str, Judge] = {}
    hindered: dict[str, list[str]] = {}
    for config in file.panel.judges:
        try:
            judges[config.id] = _judge(config, file, rubric)
        except JudgeSetupError as error:
            lead = f"judge {config.id!r} ({config.model}): "
            hindered[config.id] = str(error).removeprefix(lead).splitlines()
    asked = [judge for judge in judges.values() if _kind(judge.config) not in _NOT_ASKED]
    probes = {each.judge: each for each in run_async(_probe_and_close(asked, Ledger(file.panel.budget)))}
    return _report(file.panel, probes, hindered)


async def _probe_and_close(judges: list[Judge], ledger: Ledger) -> list[Probe]:
    try:
        return await probe_judges(judges, remote_only=False, two=True, ledger=ledger)
    finally:
        await close_judges(judges)


def probe_first(
    prepared: Prepared, results: Path, *, fresh: bool, stop: StopSignal, on_notice: OnNotice | None
) -> list[Probe]:
    """What a run does before it buys its first vote: ask each remote judge once, unless an unfinished run has.

    Args:
        prepared: what is to be run.
        results: folder of run directories.
        fresh: whether a new run is begun in any case.
        stop: how the run is asked to end.
        on_notice: told what is odd and may be over by the next vote.

    Returns:
        All probes of the run, those of earlier sessions first.

    Raises:
        JudgeSetupError: a judge cannot do what the panel asks of it; names all such judges.
    """
    unfinished = None if fresh else prepared.unfinished_run(results)
    before = None if unfinished is None else earlier_manifest(unfinished)
    known = [] if before is None else before.probes
    seen = {each.instrument_hash for each in known if was_answered(each)}
    asked = [judge for judge in prepared.judges if judge.remote and judge.instrument_hash not in seen]
    new = run_async(probe_judges(asked, ledger=_ledger(prepared, unfinished), stop=stop)) if asked else []
    if refused := refusals(new):
        raise JudgeSetupError(
            "\n".join([*refused, "Nothing was bought. Mend it, or leave the probe out: --no-probe"])
        )
    for line in warnings(new):
        if on_notice is not None:
            on_notice(line)
    return [*known, *new]


def _ledger(prepared: Prepared, unfinished: Path | None) -> Ledger:
    """What the run may still spend."""
    budget = budget_of(prepared)
    if budget is None or unfinished is None:
        return Ledger(budget)
    return Ledger(budget, spent_in(unfinished, read_stored(unfinished / JOURNAL_NAME, prepared.plan).spent))


def _report(panel: Panel, probes: dict[str, Probe], hindered: dict[str, list[str]]) -> ProbeReport:
    probed = []
    for config in panel.judges:
        found = probes.get(config.id)
        lacks = hindered.get(config.id, []) if found is None else found.lacks
        probed.append(
            ProbedJudge(judge=config.id, model=config.model, kind=_kind(config), probe=found, lacks=lacks)
        )
    return ProbeReport(
        panel=panel.panel,
        able=not any(judge.lacks for judge in probed),
        judges=probed,
        usd=sum(each.cost_usd or 0.0 for each in probes.values()),
        unpriced=[each.judge for each in probes.values() if each.cost_usd is None],
    )


def _judge(config: schema.Judge, file: PanelFile, rubric: Rubric) -> Judge:
    """One judge by itself, so that what keeps it from being asked keeps no other."""
    alone = file.panel.model_copy(update={"judges": [config]})
    return build_judges(alone, rubric, file.folder)[0]


def _kind(config: schema.Judge) -> JudgeKind:
    return _KINDS.get(config.model.partition("/")[0], "remote")


def _panel_file(panel: str | Path | PanelFile | Panel) -> PanelFile:
    if isinstance(panel, PanelFile):
        return panel
    return PanelFile(panel, Path()) if isinstance(panel, Panel) else load_panel(panel)
