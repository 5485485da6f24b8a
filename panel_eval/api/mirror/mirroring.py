"""Mirroring: the runs of a root are put into a database, all of them in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from panel_eval.errors import InputError, Problem
from panel_eval.schema.history import HistoryReport

if TYPE_CHECKING:
    from panel_eval.api.results_root import ResultsRoot


@dataclass(frozen=True)
class Mirrored:
    """What a database holds now.

    Attributes:
        database: its URL, without a password.
        added: runs that are new in it.
        gates_changed: runs whose gate is new, another one or gone.
        runs: runs in it, all in all.
        skipped: folder in the root to why it, or its gate, is not in the database.
    """

    database: str
    added: int
    gates_changed: int
    runs: int
    skipped: dict[str, str]


def mirror(
    root: ResultsRoot, url: str | Path, *, rebuild: bool = False, report: HistoryReport | None = None
) -> Mirrored:
    """Put the sealed runs of a root into a database.

    A run that is there already is not read again, for it cannot change; its gate is. Writers wait for each other.

    Args:
        root: where the runs lie.
        url: a file for SQLite, `sqlite:///FILE`, or `postgresql://HOST/DATABASE`.
        rebuild: throw away what stands there and make all tables anew; readers see the old ones until it is done.
        report: history, whose streams and alarms are put there as well, instead of those of an earlier one.

    Raises:
        InputError: the database cannot be reached, is of another version, or holds tables of something else.
    """
    try:
        from panel_eval.api.mirror.database import Database
        from panel_eval.api.mirror.writing import MirrorWriter

        database = Database(url)  # SQLAlchemy imports the driver here
    except ImportError as error:
        fix = "pip install 'panel-eval[db]'"
        raise InputError(Problem(f"needs the package {error.name}", path="--db", fix=fix)) from None
    names = root.names()
    with database.writing() as connection:
        database.prepare(connection, rebuild=rebuild)
        writer = MirrorWriter(root, connection)
        writer.add_runs(names)
        writer.renew_gates(names)
        if report is not None:
            writer.replace_history(report)
    skipped = dict(sorted(writer.skipped.items()))
    return Mirrored(database.named, writer.added, writer.gates_changed, len(writer.known), skipped)
