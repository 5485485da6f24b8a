"""Documents as the bytes of a file: the same document, the same bytes."""

from __future__ import annotations

from panel_eval.engine import RunDirectory
from panel_eval.schema import FileModel


def document_bytes(document: FileModel) -> bytes:
    """A document as readable JSON with a line end."""
    return document.model_dump_json(indent=1).encode() + b"\n"


def keep_document(directory: RunDirectory, name: str, document: FileModel | None) -> None:
    """Put a document into a run directory; without one, remove that of an earlier session.

    Raises:
        IncompleteError: the disk is full or failing.
    """
    if document is None:
        (directory.path / name).unlink(missing_ok=True)
    else:
        directory.write_atomically(name, document_bytes(document))
