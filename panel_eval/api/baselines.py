"""What a run is gated against: a run, the last one that passed, or a file that holds enough of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from panel_eval.api.baseline_file import read_baseline
from panel_eval.api.gate_files import GATE, GATE_FILE
from panel_eval.api.gated_run import instant, manifests
from panel_eval.api.results import MANIFEST, RunResult, open_run
from panel_eval.api.results_root import ResultsRoot, results_root
from panel_eval.api.versions import compared_run, panel_version
from panel_eval.errors import InputError, Problem, shorten
from panel_eval.evaluation.versions import PanelVersion
from panel_eval.schema import RunManifest
from panel_eval.schema.comparison import ComparedRun
from panel_eval.schema.gate_result import GateResult

LAST_PASSED, NONE = "last-passed", "none"
_NAMED = 3


@dataclass(frozen=True)
class ChosenBaseline:
    """A baseline, or why there is none.

    Attributes:
        words: how it was chosen.
        facts: of its run; None where there is no baseline.
        load: its forecasts; read when asked for.
    """

    words: str
    facts: ComparedRun | None = None
    load: Callable[[], PanelVersion] | None = None


def choose_baseline(run: RunResult, wanted: str | Path | RunResult, results: str | Path | None) -> ChosenBaseline:
    """Find the baseline of a run.

    Args:
        run: the run that is gated.
        wanted: `last-passed`, `none`, a run directory or URL, a run in memory, or a file of `--save-baseline`.
        results: the results root that `last-passed` looks in; None if there is none.

    Raises:
        InputError: what was named cannot be read, or is neither.
    """
    chosen = _chosen(run, wanted, results)
    if chosen.facts is not None and chosen.facts.run_id == run.manifest.run_id:
        return replace(chosen, words=f"{chosen.words}, which is this very run")
    return chosen


def _chosen(run: RunResult, wanted: str | Path | RunResult, results: str | Path | None) -> ChosenBaseline:
    if isinstance(wanted, RunResult):
        return _of_run(wanted, "a run in memory")
    name = str(wanted)
    if not name:  # as an unset variable of a CI job gives it: nobody meant the default
        raise InputError(Problem("the name of the baseline is empty", fix="name one, last-passed, or none"))
    if name == NONE:
        return ChosenBaseline("none was wanted")
    if name == LAST_PASSED:
        return _last_passed(run, _root(results))
    if Path(wanted).is_file():
        document, version = read_baseline(Path(wanted))
        return ChosenBaseline(f"the file {shorten(name, 200)}", document.run, lambda: version)
    return _of_run(open_run(wanted), f"the run {shorten(name, 200)}")


def _of_run(run: RunResult, words: str) -> ChosenBaseline:
    return ChosenBaseline(words, compared_run(run), lambda: panel_version(run))


def _root(results: str | Path | None) -> ResultsRoot:
    if results is None:
        fix = "name the folder of earlier runs, a baseline, or none"
        raise InputError(Problem("this run lies in no folder, so there is no last one that passed", fix=fix))
    return results_root(results)


@dataclass
class _Search:
    """Earlier runs of the same panel in a root, and the folders that could not be read."""

    root: ResultsRoot
    run: RunManifest
    task: str
    unreadable: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def newest_passed(self) -> tuple[str, RunResult] | None:
        """The newest earlier run whose gate it passed, and its name."""
        for name, run_id in self._earlier():
            self.seen += 1
            if self._passed(name, run_id) and (found := self._opened(name)) is not None:
                return name, found
        return None

    def _earlier(self) -> list[tuple[str, str]]:
        """Names and ids of sealed earlier runs of the same panel, the newest first."""
        found = []
        began = instant(self.run)
        for name, manifest in manifests(self.root):
            if manifest is None:
                self.unreadable[name] = f"its {MANIFEST} is not what this version writes"
                continue
            if manifest.run_id == self.run.run_id or manifest.state != "sealed":
                continue
            started = instant(manifest)
            if _panel_name(manifest) == _panel_name(self.run) and started and began and started < began:
                found.append((started, name, manifest.run_id))
        return [(name, run_id) for _, name, run_id in sorted(found, reverse=True)]

    def _passed(self, name: str, run_id: str) -> bool:
        content = self.root.read(name, f"{GATE}/{GATE_FILE}")
        if content is None:
            return False
        try:
            result = GateResult.model_validate_json(content)
        except ValidationError:
            self.unreadable[name] = f"its {GATE}/{GATE_FILE} is not what this version writes"
            return False
        if result.run_id != run_id:
            self.unreadable[name] = f"its {GATE}/{GATE_FILE} is the verdict on another run"
            return False
        return result.status == "PASS" and result.task == self.task

    def _opened(self, name: str) -> RunResult | None:
        try:
            return open_run(self.root.fetch(name))
        except (InputError, OSError) as error:
            self.unreadable[name] = shorten(str(error), 200)
            return None


def _last_passed(run: RunResult, root: ResultsRoot) -> ChosenBaseline:
    search = _Search(root, run.manifest, run.metrics.task)
    found = search.newest_passed()
    where = shorten(root.where, 200)
    unread = "; ".join(_unread(search))
    if found is None:
        words = f"no earlier run of this panel in {where} has passed a gate ({search.seen} found)"
        return ChosenBaseline(words + (f"; {unread}" if unread else ""))
    name, earlier = found
    words = f"the newest earlier run of this panel in {where} that passed, {shorten(name)}"
    return _of_run(earlier, words + (f"; {unread}" if unread else ""))


def _unread(search: _Search) -> Iterator[str]:
    for name, why in sorted(search.unreadable.items())[:_NAMED]:
        yield f"{shorten(name)} was passed over: {why}"
    if len(search.unreadable) > _NAMED:
        yield f"{len(search.unreadable) - _NAMED} more were passed over"


def _panel_name(manifest: RunManifest) -> str | None:
    return None if manifest.panel is None else manifest.panel.panel
