"""`panel-eval report --png DIR --svg DIR`: every figure of the page as a file, never over a run's own files."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import CommandLine


def test_every_figure_of_the_page_is_written_and_named(cli: CommandLine, run: Path) -> None:
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    ended = cli("report", "run", "-q", "--out", "page.html", "--png", "deep/png", "--svg", "svg")
    assert ended.code == 0, ended.err
    shown = re.findall(r'<figure id="figure-([\w-]+)"', (cli.folder / "page.html").read_text(encoding="utf-8"))
    assert len(shown) >= 4
    for folder, suffix in (("deep/png", "png"), ("svg", "svg")):
        written = {path.name for path in (cli.folder / folder).iterdir()}
        assert written == {f"{name}.{suffix}" for name in shown}
        assert all(f"wrote {folder}/{name}" in ended.err for name in written)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before
    # Again over its own pictures: the same files; what else lies there stays.
    (cli.folder / "svg" / "notes.txt").write_text("mine")
    content = (cli.folder / "svg" / "kl.svg").read_bytes()
    assert cli("report", "run", "-q", "--out", "page.html", "--svg", "svg", "--transparent").code == 0
    assert b'fill="#ffffff"' in content
    assert b'fill="#ffffff"' not in (cli.folder / "svg" / "kl.svg").read_bytes()
    assert (cli.folder / "svg" / "notes.txt").read_text() == "mine"


def test_a_run_directory_and_a_file_are_refused_before_anything_is_written(cli: CommandLine, run: Path) -> None:
    (cli.folder / "taken").write_text("mine")
    for folder, said in (("run", "must not be changed"), ("taken", "is a file")):
        ended = cli("report", "run", "-q", "--out", "page.html", "--png", "png", "--svg", folder)
        assert ended.code == 2
        assert said in ended.err
    assert not (cli.folder / "png").exists()
    assert not (cli.folder / "page.html").exists()
    assert (cli.folder / "taken").read_text() == "mine"
    inside = cli("report", "run", "-q", "--out", "page.html", "--svg", "run/pictures")
    assert inside.code == 0, inside.err
