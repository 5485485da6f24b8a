"""The plan of a run that lies in a directory, made again from what its files tell: no judge is set up."""

from __future__ import annotations

from panel_eval.engine import Plan, RecordedJudge, make_plan
from panel_eval.humans import HumanLabels, UnlabelledItems
from panel_eval.schema import Panel, Rubric, RunManifest


def recorded_plan(
    manifest: RunManifest, panel: Panel, rubric: Rubric, humans: HumanLabels, unlabelled: UnlabelledItems
) -> Plan:
    """The votes that a run is to collect, all of its items taken together.

    Args:
        manifest: its run.json, which holds the hashes of the judges.
        panel: the panel in it.
        rubric: the rubric in it.
        humans: its labelled items.
        unlabelled: its other items.
    """
    instruments = {judge.id: judge.instrument_hash for judge in manifest.judges}
    judges = [RecordedJudge(judge, instruments[judge.id], rubric, panel.seed) for judge in panel.judges]
    return make_plan(judges, humans, rubric, panel.seed, unlabelled)
