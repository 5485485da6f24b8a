"""`panel-eval qa`: a document for any label file or run, whole or not at all."""

from __future__ import annotations

import builtins
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from vendor_delivery import BAD_LINES, broken_lines, vendor_lines

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from qa_reading import Pdf, decimals, percents

QUICK = ("--resamples", "100")


@pytest.fixture
def delivery(cli: CommandLine) -> CommandLine:
    cli.write("vendor.jsonl", "\n".join(vendor_lines()) + "\n")
    cli.write("broken.jsonl", "\n".join(broken_lines()) + "\n")
    return cli


def test_a_delivery_without_any_judge_has_its_document(delivery: CommandLine) -> None:
    ended = delivery("qa", "vendor.jsonl", "-o", "qa.pdf", "--rubric", "tumor_severity", "--json", "q.json", *QUICK)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "qa.pdf"
    numbers = json.loads(Path("q.json").read_text())
    pdf = Pdf(Path("qa.pdf").read_bytes())
    assert 2 <= len(pdf.pages) <= 8
    agree = numbers["agreement"]["coefficients"]
    assert percents(agree["pair_agreement"]["estimate"]) in pdf.pages[0]
    alpha, low, high = (decimals(agree["alpha_ordinal"][of], 2) for of in ("estimate", "low", "high"))
    assert f"{alpha} {low} to {high}" in pdf.text
    gold = numbers["gold"]["overall"]
    assert f"{gold['passed']} of {gold['n']} votes on {numbers['gold']['items']} gold items" in pdf.text
    for reviewer in numbers["reviewers"]["reviewers"]:
        own, others = reviewer["agreement"], reviewer["gold"]
        row = f"{reviewer['reviewer']} {reviewer['votes']} {percents(own['estimate'])} {percents(own['low'])} to"
        assert row in pdf.text
        assert f"{others['passed']} of {others['n']} {percents(others['rate']['low'])} to" in pdf.text
    for item in numbers["review"]["items"][:10]:
        assert f"{item['item_id']} " in pdf.chapter("Items, most doubtful first", "What was adjudicated?")
    quadrants = numbers["quadrants"]["quadrants"]
    assert f"genuine ambiguity {quadrants['genuine_ambiguity']['items']}" in pdf.text
    assert f"rubric problem {quadrants['rubric_problem']['items']}" in pdf.text
    assert "q.json" in pdf.text
    again = "panel-eval qa vendor.jsonl --rubric tumor_severity --resamples 100 -o qa.pdf --json q.json"
    assert again in pdf.text  # with other resamples, other intervals
    assert delivery(*again.split()[1:]).code == 0
    assert Pdf(Path("qa.pdf").read_bytes()).text == pdf.text


def test_a_file_that_breaks_its_contract_has_one_too_and_code_2_as_validate_has(delivery: CommandLine) -> None:
    assert delivery("validate", "broken.jsonl", "--rubric", "tumor_severity").code == 2
    ended = delivery("qa", "broken.jsonl", "-o", "qa.pdf", "--rubric", "tumor_severity", *QUICK)
    assert ended.code == 2
    assert "3 problems in broken.jsonl" in ended.err
    pdf = Pdf(Path("qa.pdf").read_bytes())
    for line in BAD_LINES:
        assert f"broken.jsonl:{line} " in pdf.text
    assert "did you mean 'moderate'?" in pdf.text
    assert "3 lines could not be used" in pdf.text
    assert f"items {120 - len(BAD_LINES)} votes" in pdf.pages[0]


def test_strict_lists_what_could_be_derived(cli: CommandLine) -> None:
    assert cli("qa", "labels.jsonl", "-o", "qa.pdf", *QUICK).code == 0
    ended = cli("qa", "labels.jsonl", "-o", "qa.pdf", "--strict", *QUICK)
    assert ended.code == 2
    assert "entropy_bits: is required in strict mode" in Pdf(Path("qa.pdf").read_bytes()).text


@pytest.mark.parametrize("content", ["{no\n[1]\n", "", "\x00\xff" * 999])
def test_a_file_without_a_single_item_has_a_document_that_says_so(cli: CommandLine, content: str) -> None:
    cli.write("bad.jsonl", content)
    assert cli("qa", "bad.jsonl", "-o", "qa.pdf").code == 2
    pdf = Pdf(Path("qa.pdf").read_bytes())
    assert len(pdf.pages) == 2
    assert "no line of the file can be read as an item" in pdf.text


def test_a_run_has_its_document_in_its_folder_over_and_over(cli: CommandLine) -> None:
    scored = cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "run", *QUICK)
    assert scored.code == 0
    before = {path.name: path.read_bytes() for path in Path("run").iterdir()}
    assert cli("qa", "run").code == 0
    first = Path("run/qa.pdf").read_bytes()
    assert "panel-eval qa run -o qa.pdf" in Pdf(first).text  # the folder is not named as the run is
    assert "How does the panel of judges compare?" in Pdf(first).text
    assert cli("qa", "run").code == 0
    assert Path("run/qa.pdf").read_bytes() == first
    assert {path.name: path.read_bytes() for path in Path("run").iterdir()} == {**before, "qa.pdf": first}
    assert cli("report", "run", "-q").code == 0  # a run with the document is a run still


def test_the_same_file_gives_the_same_bytes_wherever_it_lies(delivery: CommandLine) -> None:
    assert delivery("qa", "vendor.jsonl", "-o", "one.pdf", *QUICK).code == 0
    delivery.write("elsewhere/vendor.jsonl", Path("vendor.jsonl").read_bytes())
    assert delivery("qa", "elsewhere/vendor.jsonl", "-o", "elsewhere/two.pdf", *QUICK).code == 0
    assert Path("one.pdf").read_bytes() == Path("elsewhere/two.pdf").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("labels.jsonl",), "-o qa.pdf"),
        (("labels.jsonl", "-o", "labels.jsonl"), "is the label file itself"),
        (("labels.jsonl", "-o", "nowhere/qa.pdf"), "no such folder"),
        (("labels.jsonl", "-o", "."), "is a folder"),
        (("labels.jsonl", "-o", "a.pdf", "--json", "a.pdf"), "named for both"),
        (("labels.jsonl", "-o", "a.pdf", "--json", "labels.jsonl"), "is the label file itself"),
        (("labels.jsonl", "-o", "a.pdf", "--rubric", "nothing"), "no such rubric"),
        (("labels.jsonl", "-o", "a.pdf", "--font", "rubric.yaml"), "font"),
        (("labels.jsonl", "-o", "a.pdf", "--font", "none.ttf"), "font"),
        (("missing.jsonl", "-o", "a.pdf"), "file not found"),
        (("labels.jsonl", "-o", "/proc/a.pdf", "--json", "a.json"), "/proc/a.pdf: cannot be written"),
        (("labels.jsonl", "-o", "a.pdf", "--json", "/proc/a.json"), "/proc/a.json: cannot be written"),
        (("labels.jsonl", "-o", "a" * 300 + ".pdf", "--json", "a.json"), "cannot be written: File name too long"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(
    cli: CommandLine, arguments: tuple[str, ...], told: str
) -> None:
    before = {path: path.read_bytes() for path in cli.folder.rglob("*") if path.is_file()}
    ended = cli("qa", *arguments, *QUICK)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert {path: path.read_bytes() for path in cli.folder.rglob("*") if path.is_file()} == before


def test_files_of_a_run_are_never_written_over(cli: CommandLine) -> None:
    assert cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "run", *QUICK).code == 0
    votes = Path("run/votes.jsonl").read_bytes()
    for arguments in (("run", "-o", "run/votes.jsonl"), ("run", "--json", "run/metrics.json")):
        ended = cli("qa", *arguments)
        assert ended.code == 2
        assert "must not be changed" in ended.err
    assert cli("qa", "labels.jsonl", "-o", "run/qa.pdf").code == 2  # the document of another file
    assert Path("run/votes.jsonl").read_bytes() == votes
    assert not Path("run/qa.pdf").exists()


def test_a_rubric_is_refused_for_a_run(cli: CommandLine) -> None:
    assert cli("score", "--labels", "labels.jsonl", "--votes", "votes.jsonl", "--out", "run", *QUICK).code == 0
    ended = cli("qa", "run", "--rubric", "rubric.yaml")
    assert ended.code == 2
    assert "a run has its rubric" in ended.err


def test_without_the_typesetter_it_says_what_to_install(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def without_typst(name: str, *arguments: Any, **named: Any) -> Any:
        if name == "typst":
            raise ImportError(name)
        return there(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without_typst)
    ended = cli("qa", "labels.jsonl", "-o", "qa.pdf", *QUICK)
    assert ended.code == 2
    assert "pip install 'panel-eval[pdf]'" in ended.err
    assert not Path("qa.pdf").exists()


def test_a_name_that_no_file_can_have_is_told_and_ends_in_no_traceback(cli: CommandLine) -> None:
    done = cli("qa", f"{'A' * 300}.jsonl", "-o", "qa.pdf")
    assert done.code == 2
    assert "AAAA" in done.err
    assert not (cli.folder / "qa.pdf").exists()


def test_the_numbers_alone_are_printed_where_json_is_a_dash(delivery: CommandLine) -> None:
    command = ("qa", "vendor.jsonl", "-o", "qa.pdf", "--rubric", "tumor_severity", *QUICK)
    written = delivery(*command, "--json", "q.json")
    printed = delivery(*command, "--json", "-")
    assert json.loads(printed.out) == json.loads(Path("q.json").read_text())
    assert (printed.code, printed.err) == (0, written.out)
    assert not Path("-").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("qa", "vendor.jsonl", "-o", "-"),
        ("export-labels", "vendor.jsonl", "long", "-o", "-"),
        ("import", "huggingface", "vendor.jsonl", "-o", "-"),
        ("validate", "vendor.jsonl", "--fix", "--yes", "-o", "-"),
    ],
)
def test_no_file_is_called_by_the_dash_that_is_standard_output_elsewhere(
    delivery: CommandLine, command: tuple[str, ...]
) -> None:
    ended = delivery(*command)
    assert ended.code == 2
    assert "-: is not written to standard output. Fix: name a file" in ended.err
    assert not Path("-").exists()
