"""A panel file together with the folder its relative paths are meant from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from panel_eval.errors import InputError, Problem
from panel_eval.humans import HumanLabels, UnlabelledItems, load_rubric, load_soft_labels, load_unlabelled
from panel_eval.schema import FittedPool, FittedPooling, Panel, Rubric, Scale, read_json, read_yaml


@dataclass(frozen=True)
class PanelFile:
    """A panel and the folder that its relative paths start from.

    Attributes:
        panel: what the file says.
        folder: where the file lies; the working directory for panels made in Python.
    """

    panel: Panel
    folder: Path

    def path(self, name: str) -> Path:
        """The file that `name` in the panel means."""
        return self.folder / name

    def load_rubric(self) -> Rubric:
        """The panel's rubric: a file beside the panel, or a shipped one."""
        beside = self.path(self.panel.rubric)
        return load_rubric(beside if beside.exists() else self.panel.rubric)

    def load_pool(self) -> FittedPool | None:
        """The fitted pool that the panel names, if any."""
        pooling = self.panel.pooling
        return read_json(self.path(pooling.fitted), FittedPool) if isinstance(pooling, FittedPooling) else None

    def check_deferral(self, scale: Scale) -> None:
        """Check that the losses of the panel's policy exist on the rubric's scale, before anything is paid for.

        Raises:
            InputError: a distance is asked for where labels have no order.
        """
        deferral = self.panel.deferral
        if deferral is not None and deferral.loss == "distance" and scale != "ordinal":
            fix = "use majority or disagreement, or a rubric with `scale: ordinal`"
            raise InputError(Problem("the labels have no order", key="deferral.loss", value="distance", fix=fix))

    def load_labels(self, rubric: Rubric) -> HumanLabels:
        """The panel's human labels with their content."""
        return load_soft_labels(self.path(self.panel.labels), rubric, content=self._content())

    def load_unlabelled(self, humans: HumanLabels) -> UnlabelledItems:
        """The items beside them that nobody labelled, with their content; none where the panel names no file."""
        name = self.panel.unlabelled
        if name is None:
            return UnlabelledItems()
        return load_unlabelled(self.path(name), labelled=humans.item_ids, task=humans.task, content=self._content())

    def _content(self) -> Path | None:
        return None if self.panel.content is None else self.path(self.panel.content)


def load_panel(path: str | Path) -> PanelFile:
    """Read a panel file.

    Raises:
        InputError: with every problem and its line.
    """
    path = Path(path)
    return PanelFile(read_yaml(path, Panel), path.parent)
