"""Pages of what ships beside the code: rubrics, prompts, the changelog, the benchmarks."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from generated import PageText
from tables import cell, table

FENCE = "``````"


def rubric_pages(checkout: Path) -> list[PageText]:
    """A page for each shipped rubric, after a list of them."""
    pages = [_rubric_page(path) for path in sorted((checkout / "rubrics").glob("*.yaml"))]
    lines = [f"- [{page.title}]({Path(page.path).name})" for page in pages]
    head = (
        "# Shipped rubrics\n\nA panel names them without a path. A file of your own with the same name wins; to "
        "make one, copy the file that is nearest. [All keys](../formats/rubric.md).\n\n"
    )
    return [PageText("All rubrics", "reference/rubrics/index.md", head + "\n".join(lines) + "\n"), *pages]


def prompt_pages(checkout: Path) -> list[PageText]:
    """A page for each shipped prompt template, after a list of them."""
    pages = [
        PageText(
            path.stem, f"reference/prompts/{path.stem}.md", f"# Prompt `{path.name}`\n\n" + _file(path, "jinja")
        )
        for path in sorted((checkout / "prompts").glob("*.j2"))
    ]
    lines = [f"- [{page.title}]({Path(page.path).name})" for page in pages]
    intro = "One template for each way to ask; [what a template sees](../../judges.md#the-prompt)."
    head = f"# Shipped prompts\n\n{intro}\n\n"
    return [PageText("All prompts", "reference/prompts/index.md", head + "\n".join(lines) + "\n"), *pages]


def changelog_page(checkout: Path) -> list[PageText]:
    """The changelog."""
    return [PageText("Changelog", "changelog.md", (checkout / "CHANGELOG.md").read_text(encoding="utf-8"))]


def benchmarks_page(checkout: Path) -> list[PageText]:
    """What the benchmarks measure and found."""
    text = (checkout / "benchmarks" / "README.md").read_text(encoding="utf-8")
    return [PageText("Benchmarks", "benchmarks.md", re.sub(r"\]\(\.\./docs/", "](", text))]


def _rubric_page(path: Path) -> PageText:
    rubric = yaml.safe_load(path.read_text(encoding="utf-8"))
    labels = [[f"`{label['name']}`", cell(label["definition"])] for label in rubric["labels"]]
    text = "\n".join(
        [
            f"# Rubric `{path.stem}`",
            "",
            f"Task `{rubric['task']}`, version {rubric['version']}, {rubric['scale']} scale.",
            "",
            cell(rubric["description"]),
            "",
            table(["label", "means"], labels),
            "",
            "## The file",
            "",
            _file(path, "yaml"),
        ]
    )
    return PageText(path.stem, f"reference/rubrics/{path.stem}.md", text)


def _file(path: Path, language: str) -> str:
    return f"{FENCE}{language}\n{path.read_text(encoding='utf-8').rstrip()}\n{FENCE}\n"
