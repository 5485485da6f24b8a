"""`panel-eval export`: soft-label training files of a run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from panel_eval.cli.console import say
from panel_eval.errors import InputError, Problem, shorten

if TYPE_CHECKING:
    from panel_eval.api.exporting import ExportResult, Preference


class FormatName(StrEnum):
    """Column shapes."""

    SOFT_LABEL = "soft-label"
    CLASSIFICATION = "classification"
    REWARD = "reward"
    SAFETY = "safety"


class TargetName(StrEnum):
    """Whose distributions are written."""

    HUMANS = "humans"
    PANEL = "panel"
    BOTH = "both"


class HumanTargetName(StrEnum):
    """What a soft target of people is."""

    SHARES = "shares"
    POSTERIOR = "posterior"


def export(
    run: Annotated[Path, typer.Argument(help="A run directory, as written by run, score or demo.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to; an earlier export is replaced.")],
    formats: Annotated[
        list[FormatName] | None,
        typer.Option("--format", help="Column shape; may be given several times. Default: soft-label."),
    ] = None,
    target: Annotated[
        TargetName,
        typer.Option(help="People's word on labelled items, the panel's on unlabelled ones, or both."),
    ] = TargetName.HUMANS,
    human_target: Annotated[
        HumanTargetName,
        typer.Option(help="People's target: shares of their votes, or with half a vote more for each label."),
    ] = HumanTargetName.SHARES,
    fitted: Annotated[
        Path | None,
        typer.Option(
            help="Panel rows: a fitted pool (fitted.json of panel-eval fit). Default: as the run was scored."
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Draw splits by cluster, such as train=0.8,test=0.2. Default: those that items name."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the splits.")] = 0,
    violation: Annotated[
        str | None, typer.Option(help="Safety format: the labels that are violations, as LABEL,LABEL.")
    ] = None,
    pair: Annotated[
        str | None,
        typer.Option(
            help="Reward format: the fields of both answers and the label for each, as FIELD=LABEL,FIELD=LABEL."
        ),
    ] = None,
    prompt_field: Annotated[
        str | None, typer.Option(help="Reward format: the field with what both answer; default: none.")
    ] = None,
) -> None:
    """Write soft-label training files (JSON lines and Parquet) with a card that says what they hold."""
    from panel_eval.api.exporting import ExportOptions
    from panel_eval.api.exporting import export as write_export

    options = ExportOptions(
        formats=tuple(name.value for name in formats or [FormatName.SOFT_LABEL]),
        target=target.value,
        human_target=human_target.value,
        split_shares=_shares(split),
        seed=seed,
        violations=violation,
        preference=_preference(pair, prompt_field),
        fitted=fitted,
    )
    _tell(write_export(run, out, options))


def _tell(done: ExportResult) -> None:
    for warning in done.manifest.warnings:
        say(f"panel-eval: {warning}.")
    for reason, count in done.manifest.left_out.items():
        say(f"panel-eval: {count} items left out: {reason}.")
    for file in done.manifest.files:
        typer.echo(f"{done.directory / file.path}: {file.human_rows} human rows, {file.panel_rows} panel rows")
    typer.echo(f"What they hold: {done.directory / 'README.md'}")


def _shares(text: str | None) -> dict[str, float]:
    if text is None:
        return {}
    try:
        shares = {name.strip(): float(share) for name, share in _assignments(text)}
    except ValueError:
        fix = "write it as train=0.8,validation=0.1,test=0.1"
        raise InputError(Problem("cannot be read", key="--split", value=repr(shorten(text)), fix=fix)) from None
    return shares


def _preference(pair: str | None, prompt: str | None) -> Preference | None:
    if pair is None:
        return None
    from panel_eval.api.exporting import Preference

    try:
        (first, one), (second, other) = _assignments(pair)
    except ValueError:
        fix = "write it as answer_a=A,answer_b=B"
        raise InputError(Problem("cannot be read", key="--pair", value=repr(shorten(pair)), fix=fix)) from None
    return Preference((first.strip(), second.strip()), (one.strip(), other.strip()), prompt)


def _assignments(text: str) -> list[tuple[str, str]]:
    """`a=1,b=2` as pairs.

    Raises:
        ValueError: a part is no assignment, or two have the same name.
    """
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(equals for _, equals, _ in pairs) or len({name.strip() for name, _, _ in pairs}) < len(pairs):
        raise ValueError(text)
    return [(name, value) for name, _, value in pairs]
