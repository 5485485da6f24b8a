"""Running the demo: which judges can be asked here, and what a newcomer is told."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from panel_eval.api import PanelFile, RunResult, run
from panel_eval.demo.words import draw_labels, write_labels
from panel_eval.engine import OnProgress, StopSignal
from panel_eval.errors import JudgeSetupError
from panel_eval.judges import find_weights, local_server_installed
from panel_eval.schema import Judge, Panel, read_yaml

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"

Say = Callable[[str], None]

_NEEDS = "The live demo needs a local model. See a recorded run instead: panel-eval demo --recorded"


def run_demo(
    *,
    results: str | Path = "results",
    recorded: bool = False,
    on_progress: OnProgress | None = None,
    stop: StopSignal | None = None,
    say: Say = print,
) -> RunResult:
    """Run the demo's panel on the demo's words and score it.

    Args:
        results: folder in which the run directory is made.
        recorded: replay the votes of a recorded run instead of asking models.
        on_progress: told how far the run is.
        stop: lets the caller end the run early.
        say: told in words what happens.

    Raises:
        JudgeSetupError: the local server, its weights or the words are not installed.
    """
    if recorded:
        say("Replaying the votes of a recorded run of this demo; no model is asked.")
        file = PanelFile(recorded_panel(), RECORDED)
        return run(file, results=results, on_progress=on_progress, stop=stop)
    panel = live_panel(say)
    with tempfile.TemporaryDirectory() as folder:
        file = PanelFile(panel, Path(folder))
        write_labels(file.path(panel.labels), draw_labels())
        votes = 60 * sum(judge.samples for judge in panel.judges)
        say(f"Asking {len(panel.judges)} judges about 60 words, {votes} votes; the models run on this machine.")
        return run(file, results=results, on_progress=on_progress, stop=stop)


def live_panel(say: Say) -> Panel:
    """The demo's panel with the judges whose weights are installed here.

    Raises:
        JudgeSetupError: nothing can be asked here.
    """
    if not local_server_installed():
        raise JudgeSetupError(f"xllamacpp, the local model server, is not installed. {_NEEDS}")
    panel = read_yaml(HERE / "panel.yaml", Panel)
    judges = [judge for judge in panel.judges if _can_be_asked(judge, say)]
    if not judges:
        raise JudgeSetupError(f"no weights of a local model are installed. {_NEEDS}")
    return panel.model_copy(update={"judges": judges})


def recorded_panel() -> Panel:
    """The same panel with every judge's model replaced by its recorded votes."""
    panel = read_yaml(HERE / "panel.yaml", Panel)
    judges = [judge.model_copy(update={"model": "replay/votes.jsonl"}) for judge in panel.judges]
    return panel.model_copy(update={"panel": "demo-recorded", "judges": judges})


def _can_be_asked(judge: Judge, say: Say) -> bool:
    name = judge.model.removeprefix("local/")
    try:
        weights = find_weights(name, HERE)
    except JudgeSetupError as error:
        say(f"Leaving out judge {judge.id}: {error}")
        return False
    terms = f"; its terms: {weights.terms}" if weights.terms else ""
    say(f"Judge {judge.id}: {judge.elicit} from {name} ({weights.licence}){terms}")
    return True
