"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, behind a socket, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_DEBIAN = Path("/usr/lib/postgresql")
_numbers = count()


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps it out of the path."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


class _Cluster:
    """A cluster in a folder; run by another user where the tests run as root, whom PostgreSQL refuses."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._owner = pwd.getpwnam("postgres" if _has_user("postgres") else "nobody") if os.geteuid() == 0 else None
        if self._owner is not None:
            os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)

    def run(self, program: str, *arguments: str) -> None:
        owner = self._owner
        user = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            timeout=60,
            **user,
        )


def _has_user(name: str) -> bool:
    return any(user.pw_name == name for user in pwd.getpwall())


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Path]:
    """The folder of the server's socket; everybody on this machine who can reach it may do everything."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # the path of a socket has 107 characters at most
    cluster = _Cluster(programs, folder)
    data = str(folder / "data")
    try:
        cluster.run(
            "initdb", "-D", data, "-U", "tester", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c full_page_writes=off"
        cluster.run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        yield folder
        cluster.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql(postgresql_server: Path) -> str:
    """The URL of a new database."""
    import psycopg  # heavy, and most tests need none

    name = f"history_{next(_numbers)}"
    with psycopg.connect(host=str(postgresql_server), user="tester", dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    return f"postgresql://tester@/{name}?host={postgresql_server}"
