"""Pages made from the code: whatever a user can name has its page, and the page says what the code says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_pages import command_pages
from contract_pages import contract_pages
from formulas import mathml, set_formulas
from generated import Generated, PageText, fill_navigation
from outside_links import rewrite
from python_pages import name_kinds
from shipped_pages import prompt_pages, rubric_pages

import panel_eval
from panel_eval.cli.contracts import Contract
from panel_eval.schema import json_schema, shipped_names

CHECKOUT = Path(__file__).resolve().parents[2]


def panel_eval_help(*command: str) -> str:
    code = "import sys; from panel_eval.cli import main; sys.argv[0] = 'panel-eval'; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command, "--help"],
        capture_output=True, text=True, check=True, env={"COLUMNS": "250", "TERM": "dumb", "NO_COLOR": "1"},
    )  # fmt: skip
    return done.stdout


def test_every_command_of_the_help_has_a_page():
    listed = set(re.findall(r"^│ ([a-z-]+) ", panel_eval_help().partition("Commands")[2], re.MULTILINE))
    assert len(listed) > 15
    assert {Path(page.path).stem for page in command_pages()} - {"index"} == listed


@pytest.mark.slow
def test_a_commands_page_has_every_option_of_its_help_and_no_other():
    for page in command_pages()[1:]:
        told = set(
            re.findall(r"`(--[a-z-]+)`", "\n".join(re.findall(r"^\| (`--[^|]*)\|", page.text, re.MULTILINE)))
        )
        rows = re.findall(r"^[│ *]+(--[a-z-]+)(?: +(--no-[a-z-]+))?", panel_eval_help(page.title), re.MULTILINE)
        shown = {name for row in rows for name in row if name}
        assert shown - {"--help"} == told, page.title


def test_a_required_option_stands_in_the_synopsis_and_a_default_in_its_row():
    pages = {page.title: page.text for page in command_pages()}
    assert "panel-eval score --labels LABELS --votes VOTES --out OUT [OPTIONS]" in pages["score"]
    assert re.search(r"^\| `--resamples` \| integer \| `2000` \|", pages["score"], re.MULTILINE)
    assert "`nominal`, `ordinal`" in pages["score"]


def test_every_contract_has_a_page():
    assert {page.title for page in contract_pages()[1:]} == {contract.value for contract in Contract}


@pytest.mark.parametrize("contract", [contract.value for contract in Contract])
def test_a_contracts_page_has_every_field_of_the_schema_once_a_model(contract: str):
    page = next(page for page in contract_pages() if page.title == contract)
    schema = json_schema(contract)
    for name, model in {"": schema, **schema.get("$defs", {})}.items():
        part = section(page.text, name)
        fields = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
        assert fields == list(model.get("properties", {})), name
        must = re.findall(r"^\| `(\w+)` \|[^\n]*?(?<!\\)\| required \|", part, re.MULTILINE)
        assert must == [field for field in model.get("properties", {}) if field in model.get("required", ())], name


def section(text: str, heading: str) -> str:
    """What stands under a heading; before the first one for the empty name."""
    parts = re.split(r"^## (\w+) \{[^}]*\}$", text, flags=re.MULTILINE)
    return parts[0] if not heading else parts[parts.index(heading) + 1]


def test_links_to_nested_models_have_a_target():
    for page in contract_pages()[1:]:
        targets = set(re.findall(r"^## \w+ \{ #([^ ]+) \}", page.text, re.MULTILINE))
        assert set(re.findall(r"\]\(#([^)]+)\)", page.text)) <= targets, page.title


def test_every_public_name_stands_on_one_page():
    named = [name for names in name_kinds().values() for name in names]
    assert sorted(named) == sorted(panel_eval.__all__)


def test_every_shipped_rubric_and_prompt_has_a_page_with_the_whole_file():
    rubrics, prompts = rubric_pages(CHECKOUT)[1:], prompt_pages(CHECKOUT)[1:]
    assert sorted(page.title for page in rubrics) == sorted(shipped_names("rubrics"))
    for page, folder, ending in [(p, "rubrics", ".yaml") for p in rubrics] + [
        (p, "prompts", ".j2") for p in prompts
    ]:
        assert (CHECKOUT / folder / (page.title + ending)).read_text(encoding="utf-8").rstrip() in page.text


def test_links_out_of_docs_lead_to_the_pages_made_from_the_files():
    assert rewrite("[a](../prompts/vote.j2)", "judges.md") == "[a](reference/prompts/vote.md)"
    assert rewrite("[a](../../CHANGELOG.md#010)", "metrics/kl.md") == "[a](../changelog.md#010)"
    assert rewrite("[a](../kl.md) [b](../LICENSE)", "metrics/x.md") == "[a](../kl.md) [b](../LICENSE)"


def test_kinds_in_the_navigation_become_sections_or_pages():
    generated = Generated(
        {"two": [PageText("A", "a.md", ""), PageText("B", "b.md", "")], "one": [PageText("C", "c.md", "")]}
    )
    nav: Any = ["x.md", {"T": ["generated:one", {"S": "generated:two"}]}]
    assert fill_navigation(nav, generated) == ["x.md", {"T": ["c.md", {"S": [{"A": "a.md"}, {"B": "b.md"}]}]}]
    with pytest.raises(KeyError):
        fill_navigation(["generated:three"], generated)


def test_a_cell_of_a_table_never_breaks_its_row():
    for page in [*contract_pages(), *command_pages()]:
        for row in re.findall(r"^\|.*$", page.text, re.MULTILINE):
            assert len(re.findall(r"(?<!\\)\|", row)) in (3, 5), (page.path, row)


def test_defaults_are_those_of_the_schema():
    schema = json_schema("panel")["$defs"]["Judge"]["properties"]
    page = next(page for page in contract_pages() if page.title == "panel")
    row = re.search(r"^\| `max_tokens` \| [^|]* \| `([^`]*)` \|", section(page.text, "Judge"), re.MULTILINE)
    assert row is not None
    assert json.loads(row[1]) == schema["max_tokens"]["default"]


def test_a_formulas_bars_open_and_close_and_its_source_stays_readable():
    made = mathml(r"\lvert a \rvert &lt; b_k", "inline")
    assert re.findall(r'<mo form="(\w+)" stretchy="false">&#x0007C;', made) == ["prefix", "postfix"]
    assert r'alttext="\lvert a \rvert &lt; b_k"' in made


def test_a_logarithm_stands_apart_from_what_it_is_applied_to_unless_that_is_in_brackets():
    gap = '<mspace width="0.17em"/>'
    assert f"<mi>ln</mi>{gap}<mn>2</mn>" in mathml(r"\ln 2", "inline")
    assert gap not in mathml(r"\ln(2)", "inline")
    assert f"<mi>n</mi>{gap}<mi>ln</mi>{gap}<mn>2</mn>" in mathml(r"n \ln 2", "inline")


def test_formulas_are_set_where_they_stand_and_nothing_else_is_touched():
    page = (
        '<p>a <span class="arithmatex">\\(x\\)</span> <code>\\(y\\)</code></p><div class="arithmatex">\\[z\\]</div>'
    )
    made = set_formulas(page)
    assert made.count("<math ") == 2
    assert "<code>\\(y\\)</code>" in made
    assert 'display="block"' in made.partition("<code>")[2]
