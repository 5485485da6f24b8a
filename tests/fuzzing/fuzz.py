"""Fuzz every reader of files: nearly valid files must be taken or refused, quickly, and never with a traceback.

    python tests/fuzzing/fuzz.py [--minutes 10] [--seed N] [--only READER] [--atheris]

`--atheris` lets coverage guide the changes, where that package is installed (pip install atheris). A file that
breaks a reader is kept in build/fuzz; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from mutations import mutated
from seeds import Seed, seeds
from targets import Reader, readers, refuses_politely

KEPT = Path("build/fuzz")
SLOW_S = 10.0
"""A file of a few kilobytes that takes longer is a fault too."""


@dataclass
class Fuzzing:
    """What was tried, and what broke.

    Attributes:
        tried: reader to files.
        faults: reader and first line of the traceback's end to the file that showed it.
    """

    tried: Counter[str] = field(default_factory=Counter)
    faults: dict[tuple[str, str], Path] = field(default_factory=dict)

    def try_file(self, name: str, reader: Reader, path: Path, folder: Path) -> None:
        """Try a file on a reader."""
        self.tried[name] += 1
        start = time.perf_counter()
        try:
            refuses_politely(reader, path, folder)
            if (took := time.perf_counter() - start) > SLOW_S:
                raise TimeoutError(f"took {took:.0f} s")
        except Exception as error:  # whatever it is, it is a fault
            self._keep(name, path, error)

    def _keep(self, name: str, path: Path, error: Exception) -> None:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        if (name, what) in self.faults:
            return
        KEPT.mkdir(parents=True, exist_ok=True)
        kept = KEPT / f"{name}-{len(self.faults)}{path.suffix}"
        kept.write_bytes(path.read_bytes())
        self.faults[name, what] = kept
        print(f"FAULT {name}: {what}: {str(error)[:200]!r} ({kept})", flush=True)


def pairs(only: str | None) -> list[tuple[str, Reader, list[Seed]]]:
    """Readers with the files they start from: their own page's, else all."""
    everything = seeds()
    found = []
    for name, reader in readers().items():
        own = [seed for seed in everything if seed.page == name and not seed.name.endswith((".yaml", ".py"))]
        if only in (None, name):
            found.append((name, reader, own or everything))
    return found


def run(seconds: float, seed: int, only: str | None = None) -> Fuzzing:
    """Try changed files on all readers in turn until the time is over."""
    chance, fuzzing = random.Random(seed), Fuzzing()
    targets = pairs(only)
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < end:
            for reader_name, reader, own in targets:
                start = chance.choice(own)
                path = folder / f"in{Path(start.name).suffix}"
                path.write_bytes(mutated(start.data, chance))
                fuzzing.try_file(reader_name, reader, path, folder)
    return fuzzing


def run_guided(seconds: float, seed: int, only: str | None) -> None:
    """The same with atheris, which ends the process at the first fault."""
    import atheris

    with atheris.instrument_imports(include=["panel_eval.importing", "panel_eval.humans", "panel_eval.schema"]):
        targets = pairs(only)
    folder = Path(tempfile.mkdtemp())
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, (_, _, own) in enumerate(targets):
        for place, start in enumerate(own):
            (corpus / f"{number}-{place}").write_bytes(bytes([number % 256, place % 256]) + start.data)

    def once(data: bytes) -> None:
        if len(data) < 2:
            return
        _, reader, own = targets[data[0] % len(targets)]
        path = folder / f"in{Path(own[data[1] % len(own)].name).suffix}"
        path.write_bytes(data[2:])
        refuses_politely(reader, path, folder)

    def change(data: bytes, most: int, number: int) -> bytes:
        chance = random.Random(number)
        return (
            (data[:2] + mutated(data[2:], chance))[:most] if chance.random() < 0.7 else atheris.Mutate(data, most)
        )

    KEPT.mkdir(parents=True, exist_ok=True)
    options = [
        f"-max_total_time={seconds:.0f}", f"-seed={seed}", "-max_len=20000", f"-timeout={SLOW_S:.0f}",
        f"-artifact_prefix={KEPT}/",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], once, custom_mutator=change)
    atheris.Fuzz()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--seed", type=int, default=8)
    arguments.add_argument("--only")
    arguments.add_argument("--atheris", action="store_true")
    given = arguments.parse_args()
    if given.atheris:
        run_guided(given.minutes * 60, given.seed, given.only)
        return
    done = run(given.minutes * 60, given.seed, given.only)
    for name, count in done.tried.items():
        print(f"{name:14s} {count:>8,} files")
    print(f"{done.tried.total():,} files, {len(done.faults)} faults")
    sys.exit(1 if done.faults else 0)


if __name__ == "__main__":
    main()
