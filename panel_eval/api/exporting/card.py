"""The dataset card: what the files of an export hold, in words, and where to find them for `datasets`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from panel_eval.errors import printable
from panel_eval.schema import Estimate
from panel_eval.schema.training_export import ExportedFile, PanelTargets, TrainingExport, TrainingFormat

_HUMAN_TARGETS = {
    "shares": "the shares of their votes, as counted",
    "posterior": "their votes with half a vote more for each label (the mean under Jeffreys' prior)",
}
_SPLITS = {
    "none": "The items name no splits: all rows are in `train`.",
    "given": "Splits are those that the items name. Rows of one cluster are in one split.",
    "random": "Splits are drawn by cluster, so that rows of one cluster are in one split; the same seed puts a "
    "cluster into the same split again, also when items were added.",
}
_NOT_LICENSED = (
    "Not stated here: it is that of the items' text and of the labels, which whoever publishes them must know."
)


def card(export: TrainingExport) -> str:
    """README.md of an export; by its front matter `datasets` finds the files of each format and split."""
    return (
        "\n".join([*_front_matter(export.files), *_introduction(export), *_columns(export), *_ending(export)])
        + "\n"
    )


def code(text: str) -> str:
    """Text from data as one line of code in a table or sentence of Markdown: nothing in it is markup."""
    return "`" + printable(text).replace("`", "'").replace("|", "¦") + "`"


def _front_matter(files: Sequence[ExportedFile]) -> list[str]:
    """Only names that we chose stand here: formats, and split names of letters, digits and '_'."""
    lines = ["---", "configs:"]
    for kind in dict.fromkeys(file.format for file in files):
        lines += [f"- config_name: {kind}", "  data_files:"]
        for file in files:
            if file.format == kind and file.path.endswith(".parquet") and file.human_rows + file.panel_rows:
                name = file.path.rpartition("/")[2].removesuffix(".parquet")
                lines += [f"  - split: {name}", f"    path: {file.path}"]
    return [*lines, "---", ""]


def _introduction(export: TrainingExport) -> Iterable[str]:
    labels = ", ".join(f"{number} = {code(label)}" for number, label in enumerate(export.labels))
    scale = "low to high" if export.scale == "ordinal" else "no order of severity"
    yield f"# Soft labels: {code(export.task)}"
    yield ""
    yield "Each row is an item with a distribution over labels as its target, not one label."
    yield ""
    yield f"Label order: {labels} ({export.scale}: {scale})."
    yield ""
    yield "| source | items | target |"
    yield "|---|---|---|"
    if export.human_items:
        told = _HUMAN_TARGETS[export.human_target]
        yield f"| human | {export.human_items} | what the item's reviewers said: {told} |"
    if export.panel is not None:
        yield f"| panel | {export.panel_items} | {_pooling(export.panel)} |"
    yield ""
    if export.panel is not None:
        yield from _worth(export.panel)
    yield _SPLITS[export.splits]
    if export.splits == "random":
        shares = ", ".join(f"{name} {share:g}" for name, share in export.split_shares.items())
        yield f"Shares asked for: {shares}; seed {export.seed}. Panel rows are in the first split only."
    yield ""


def _pooling(panel: PanelTargets) -> str:
    if panel.pooling == "linear":
        return "forecast of a panel of LLM judges, their smoothed mean: fitted to nothing, checked by nobody"
    learned = f"a fitted pool ({code(panel.method or 'unnamed')}), learned from {panel.n_fitted} labelled items"
    return f"forecast of a panel of LLM judges by {learned}"


def _worth(panel: PanelTargets) -> Iterable[str]:
    where = "out of fold, on labelled items" if panel.pooling == "fitted" else "on the labelled items of the run"
    yield f"**Panel rows are not human labels.** Measured {where}, the panel is worth"
    yield f"{_reviewers(panel.n_eq)} (n_eq)."
    if panel.n_eq.note:
        yield f"Of that number: {printable(panel.n_eq.note)}."
    yield "It holds for items like the labelled ones; nothing was measured on the unlabelled items themselves."
    yield ""


def _reviewers(n_eq: Estimate) -> str:
    if n_eq.estimate is None:
        return "an unknown number of reviewers"
    interval = "" if n_eq.low is None or n_eq.high is None else f", 95 % interval {n_eq.low:.2f} to {n_eq.high:.2f}"
    return f"{n_eq.estimate:.2f} reviewers{interval}"


def _columns(export: TrainingExport) -> Iterable[str]:
    for kind, columns in export.columns.items():
        yield f"## {kind}"
        yield ""
        yield from _rows_by_split(export.files, kind)
        yield ""
        yield "| column | type | holds |"
        yield "|---|---|---|"
        for column in columns:
            yield f"| {code(column.name)} | {_type(column.type)} | {_plain(column.meaning)} |"
        yield ""


def _rows_by_split(files: Sequence[ExportedFile], kind: TrainingFormat) -> Iterable[str]:
    yield "| file | split | human rows | panel rows |"
    yield "|---|---|---|---|"
    for file in files:
        if file.format == kind:
            yield f"| {file.path} | {code(file.split)} | {file.human_rows} | {file.panel_rows} |"


def _type(name: str) -> str:
    return "list of double" if name.startswith("list") else name


def _plain(text: str) -> str:
    """A meaning; names of labels and fields in it are data."""
    return (
        printable(text).replace("|", "¦").replace("<", "&lt;").replace("`", "'").replace("[", "(").replace("]", ")")
    )


def _ending(export: TrainingExport) -> Iterable[str]:
    if export.warnings or export.left_out:
        yield "## Know before use"
        yield ""
        yield from (f"- {_plain(warning)}" for warning in export.warnings)
        yield from (f"- {count} items left out: {reason}." for reason, count in export.left_out.items())
        yield ""
    yield "## Licence"
    yield ""
    yield _NOT_LICENSED
    yield ""
    yield "## Origin"
    yield ""
    yield f"Made by `panel-eval export` from run {code(export.run_id)}. `export.json` says the same for programs."
    yield ""
    yield "| hash of | sha256 |"
    yield "|---|---|"
    if export.panel is not None and export.panel.fitted_sha256:
        yield f"| fitted pool | {export.panel.fitted_sha256} |"
    yield from (f"| {code(name)} of the run | {code(value)} |" for name, value in sorted(export.hashes.items()))
    yield from (f"| {file.path} | {file.sha256} |" for file in export.files)
