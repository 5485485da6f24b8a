"""Documents as the bytes of a file: the same document, the same bytes."""

from __future__ import annotations

from panel_eval.schema import FileModel


def document_bytes(document: FileModel) -> bytes:
    """A document as readable JSON with a line end."""
    return document.model_dump_json(indent=1).encode() + b"\n"
