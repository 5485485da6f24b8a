"""The written pages: names that exist, links that lead somewhere, formulas code hosts set, examples that run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_humans import humans_from_counts

from panel_eval.evaluation import evaluate
from panel_eval.schema import CLASS_NAMES, DOCUMENTS, Vote, json_schema

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(?=\S)([^$\n]+?)(?<=\S)\$", re.DOTALL)


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def words_of(node: Any) -> Iterator[str]:
    """Keys and texts of a JSON document."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from words_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from words_of(value)
    elif isinstance(node, str):
        yield node


@pytest.fixture(scope="module")
def known_names() -> set[str]:
    """What a run's metrics.json and the contracts call things."""
    rng = np.random.default_rng(7)
    counts = rng.multinomial(5, [0.5, 0.3, 0.2], size=40)
    humans = humans_from_counts(counts, ["low", "middle", "high"], "ordinal")
    votes = [
        Vote(item_id=item, judge=judge, label=str(rng.choice(humans.labels)), confidence=0.5)
        for item in humans.item_ids
        for judge in ("a", "b")
    ]
    metrics = evaluate(votes, humans, resamples=100).metrics
    names = {*words_of(metrics.model_dump(mode="json")), *CLASS_NAMES, *DOCUMENTS}
    for contract in DOCUMENTS:
        names |= set(words_of(json_schema(contract)))
    return names | {part for name in names for part in name.split("_to_")}  # skill FLOOR_to_CEILING


@pytest.mark.parametrize("page", sorted((DOCS / "metrics").glob("*.md")), ids=lambda page: page.name)
def test_names_in_code_type_on_the_methods_pages_exist(page: Path, known_names: set[str]):
    """A metric that was renamed must not live on in its page. Names with … or in capitals stand for several."""
    modules = "panel_eval.", "benchmarks/"
    for code in re.findall(r"`([^`\n]+)`", prose(page)):
        if "…" in code or code.startswith(("--", "_", *modules)) or " " in code or code.endswith(".json"):
            continue
        for name in re.findall(r"[A-Za-z_]\w*", code.removesuffix(".parquet")):
            assert name in known_names or name.isupper() or name in {"items", "votes"}, (page.name, code)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_formulas_are_written_as_code_hosts_set_them_too(page: Path):
    """Before a formula is set Markdown eats a backslash before punctuation, a bar ends a cell, < begins HTML."""
    for block, inline in FORMULA.findall(re.sub(r"`[^`\n]*`", "", prose(page))):
        formula = block or inline
        assert not re.search(r"\\[^A-Za-z_]|[<>]", formula), (page.name, formula)
        assert "|" not in formula, (page.name, formula)


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "benchmarks/README.md"])
def test_links_of_pages_outside_docs_lead_to_files_and_headings(page: str):
    for target in re.findall(
        r"\]\((?!https?:)([^)\s]+)\)", FENCED.sub("", (CHECKOUT / page).read_text(encoding="utf-8"))
    ):
        path, _, anchor = target.partition("#")
        file = (CHECKOUT / page).parent / path if path else CHECKOUT / page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, (
                target
            )


def test_the_page_on_the_report_names_its_sections():
    """The headings quoted in the table stand in the report's code, so that a renamed section is renamed here."""
    report = CHECKOUT / "panel_eval" / "report"
    source = "".join(path.read_text(encoding="utf-8") for kind in ("*.py", "*.j2") for path in report.rglob(kind))
    rows = re.findall(
        r"^\|[^|]+\| [^|]*?\*\*(.+?)\*\*", (DOCS / "how-to" / "read-the-report.md").read_text(), re.MULTILINE
    )
    assert len(rows) > 8
    assert [heading for heading in rows if heading not in source] == []


# Two nights of a real local model take minutes; the project it sets up has tests of its own.
TOO_LONG = {"nightly.md"}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_examples_run_as_printed(page: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.syspath_prepend(str(DOCS))
    import verify_commands

    if page.name in TOO_LONG:
        pytest.skip("takes minutes")
    assert verify_commands.verify(page) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (["1 item with 2 votes", "Task mood"], None),
        (["kept: 0.8…, done"], None),
        (["1 item with 2 vote"], "1 item with 2 vote"),  # half a word
        (["Task mood", "1 item with 2 votes"], "1 item with 2 votes"),  # another order
        (["kept: 0.9…"], "kept: 0.9…"),
    ],
)
def test_what_pages_show_is_looked_for_in_what_is_printed(
    shown: list[str], missing: str | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(str(DOCS))
    import verify_commands

    printed = "1 item with 2\nvotes\n  Task mood labels\nkept: 0.8123, done\n"
    assert verify_commands.first_not_printed(shown, printed) == missing


@pytest.mark.parametrize("room", ["api", "evaluation", "report"])
def test_the_page_on_development_names_every_package_of_the_larger_rooms(room: str):
    page = (DOCS / "development.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if re.match(rf"\| \d \| `{room}/` \|", line))
    packages = [path.parent.name for path in (CHECKOUT / "panel_eval" / room).glob("*/__init__.py")]
    assert len(packages) > 2
    assert not [name for name in packages if f"`{name}/`" not in row]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_no_page_refers_to_a_text_that_its_readers_do_not_have(page: Path):
    assert not re.search(r"\bprimer\b|METHODS(?:\.md)? ?§?\d|DESIGN(?:\.md)? ?§?\d", prose(page))
