"""`panel-eval schema`: the file contracts as JSON Schema."""

from __future__ import annotations

from typing import Annotated

import typer

from panel_eval.cli.contracts import Contract


def schema(name: Annotated[Contract, typer.Argument(help="Which file format.", show_default=False)]) -> None:
    """Print the JSON Schema of a file format, for editors and other programs."""
    import json

    from panel_eval.schema import json_schema

    typer.echo(json.dumps(json_schema(name.value), indent=2, ensure_ascii=False))
