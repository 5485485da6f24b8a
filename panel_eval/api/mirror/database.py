"""The database of the mirror: reached, one writer at a time, of a known version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from panel_eval.api.folders import refuse_run_file
from panel_eval.api.mirror.tables import METADATA, SCHEMA, VERSION
from panel_eval.errors import InputError, Problem, shorten

WAIT_S = 300
"""How long one writer waits for another."""
_LOCK = 0x70616E656C  # "panel": the advisory lock that all writers of a PostgreSQL database take
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


class Database:
    """A SQLite file or a PostgreSQL database.

    Attributes:
        named: its URL without password and options, for messages.
    """

    def __init__(self, where: str | Path) -> None:
        url = _url(where)
        self.named = url.set(query={}).render_as_string(hide_password=True)
        self._password = str(url.password or "")
        self._engine = _engine(url)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer shares; what it did is there at its end, all of it or nothing.

        Raises:
            InputError: the database cannot be reached or written.
        """
        try:
            with self._engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                yield connection
        except SQLAlchemyError as error:
            raise InputError(self._problem(error)) from None
        finally:
            self._engine.dispose()

    def prepare(self, connection: Connection, *, rebuild: bool) -> None:
        """Make the tables that are missing, or all of them anew.

        Raises:
            InputError: the tables are of another version, or of something else.
        """
        tables = set(inspect(connection).get_table_names())
        if SCHEMA.name in tables:
            self._refuse_version(list(connection.execute(select(SCHEMA.c.version)).scalars()))
        elif strangers := sorted(tables & set(METADATA.tables)):
            what = f"holds tables of something else: {', '.join(strangers)}"
            raise InputError(
                Problem(what, path=self.named, fix="name a database, or a schema, for panel-eval alone")
            )
        METADATA.create_all(connection)
        if rebuild:
            # Emptied, not dropped: dropping locks out readers, who hold tables in an order of their own: deadlock.
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())
        if rebuild or SCHEMA.name not in tables:
            connection.execute(SCHEMA.insert(), {"version": VERSION})

    def _refuse_version(self, found: list[int]) -> None:
        if found == [VERSION]:
            return
        version = found[0] if found else "unknown"
        fix = "update panel-eval, or name another database: all of it can be made anew from the runs"
        what = f"was made by another panel-eval: its tables are of version {version}, this one writes {VERSION}"
        raise InputError(Problem(what, path=self.named, fix=fix))

    def _problem(self, error: SQLAlchemyError) -> Problem:
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
        said = said.replace(self._password, "…") if self._password else said
        if "locked" in said or "lock timeout" in said:
            fix = "wait until the other writer or reader is done, then run the same command again"
            return Problem(f"somebody else has held the database for {WAIT_S} s", path=self.named, fix=fix)
        fix = "check its name, whether it is there, and that you may make tables in it; nothing was changed"
        return Problem(f"the database cannot be used: {shorten(said, 300)}", path=self.named, fix=fix)


def _url(where: str | Path) -> URL:
    """The database that is meant.

    Raises:
        InputError: it is none that the mirror knows; what it says is in no message, for it may hold a password.
    """
    given = str(where)
    if "://" not in given:
        return URL.create("sqlite", database=given)
    fix = "name a file (history.sqlite), sqlite:///FILE, or postgresql://USER@HOST/DATABASE"
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise InputError(Problem("is not a URL of a database", path="--db", fix=fix)) from None
    if url.drivername in _POSTGRESQL:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername != "sqlite" or not url.database or url.database == ":memory:":
        raise InputError(Problem(f"is no database for history: {shorten(url.drivername)}", path="--db", fix=fix))
    return URL.create("sqlite", database=url.database)


def _engine(url: URL) -> Engine:
    if url.drivername == "sqlite":
        return _sqlite(Path(str(url.database)))
    # Prepared statements would break behind a connection pooler such as PgBouncer.
    settings: dict[str, Any] = {
        "connect_timeout": 10, "application_name": "panel-eval", "prepare_threshold": None,
    }  # fmt: skip
    return create_engine(url, poolclass=NullPool, connect_args=settings, hide_parameters=True)


def _sqlite(path: Path) -> Engine:
    refuse_run_file(path)
    if not path.parent.is_dir() or path.is_dir():
        raise InputError(Problem("no file can be made there", path=path, fix="name a file in a folder that exists"))
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": WAIT_S},
        hide_parameters=True,
    )
    # Python's sqlite3 begins transactions late and not before DDL; SQLAlchemy's page on SQLite has this remedy.
    event.listen(engine, "connect", _take_over_transactions)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _take_over_transactions(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    with suppress(sqlite3.OperationalError):  # locked: then another writer has seen to it, or will
        connection.execute("PRAGMA journal_mode=WAL")
