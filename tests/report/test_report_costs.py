"""What the reader is told about money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_report_summary import HOSTILE, printed

from panel_eval.report.costs import besides, cost_lines, cost_tables, usd
from panel_eval.schema import Metrics, RunManifest, Spend
from panel_eval.schema.economics_metrics import Account, Economics

Build = Callable[..., Metrics]

ADA = Account(
    votes_paid=40, cost_usd=1.25, cost_known_usd=1.25, cost_uncertain_usd=0.5, input_tokens=12_345,
    output_tokens=678, cached_tokens=1000, reasoning_tokens=600, cost_per_vote_usd=0.03125,
)  # fmt: skip
BEN = Account(votes_paid=10, votes_unpriced=10, cost_uncertain_usd=0.0)
ALL = ADA.model_dump() | {"votes_paid": 50, "cost_usd": None, "votes_unpriced": 10}
SPENT = Economics(
    **ALL,
    votes=50,
    by_judge={"ada": ADA, "ben": BEN},
    by_class={"minor": ADA},
    by_outcome={"ok": ADA, "refusal": BEN},
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.0, "0.00"), (1e-9, "<0.0001"), (0.00005, "0.0001"), (0.1234, "0.1234"), (1234.5, "1,234.50")],
)
def test_amounts_keep_the_digits_they_need(value, text):
    assert usd(value) == text


def test_the_terminal_says_what_it_cost_and_where(make_metrics: Build):
    text = " ".join(printed(make_metrics(economics=SPENT)).split())
    assert (
        "Cost: 1.25 USD for 50 votes, 10 of them of unknown price; at most 0.5000 USD more for requests without a "
        "readable answer; 12,345 tokens in (1,000 cached), 678 out (600 reasoning)."
    ) in text
    assert "USD by judge: ada 1.25, ben – " in text
    assert "USD by outcome: ok 1.25, refusal –" in text
    assert "USD by human class" not in text  # one class is the whole


@pytest.mark.parametrize(
    ("usd_spent", "uncertain", "text"),
    [
        (1.25, 0.5, None),  # what the votes cost, and nothing else
        (1.26, 0.5, "0.0100 USD"),
        (1.25, 2.0, "at most 1.50 USD more"),
        (1.26, 2.0, "0.0100 USD, at most 1.50 USD more"),
    ],
)
def test_what_was_spent_besides_the_votes_is_told(make_metrics: Build, usd_spent, uncertain, text):
    manifest = RunManifest(
        run_id="r", state="sealed", started_at="2026-01-02T03:04:05Z", hashes={}, n_items=4, votes_planned=50,
        votes_stored=50, seed=0, versions={},
    )  # fmt: skip
    spend = Spend(usd=usd_spent, uncertain_usd=uncertain)
    told = besides(make_metrics(economics=SPENT), manifest.model_copy(update={"spend": spend}))
    assert told == (text and f"Besides, for the probe, requests given up and votes no longer planned: {text}")
    assert besides(make_metrics(economics=SPENT), manifest) is None  # votes made elsewhere


def test_reused_votes_are_told_apart(make_metrics: Build):
    reused = SPENT.model_copy(update={"reused": ADA, "votes_reused": 40})
    lines = cost_lines(make_metrics(economics=reused))
    assert lines[-1] == "  40 votes were reused; earlier runs paid 1.25 USD for them."
    assert [table.caption for table in cost_tables(make_metrics(economics=reused))][-1].startswith(
        "What reused votes"
    )


def test_votes_that_say_nothing_about_cost_leave_the_section_out(make_metrics: Build):
    silent = make_metrics(economics=Economics(votes=8, votes_paid=8, votes_unpriced=8))
    assert cost_lines(silent) == []
    assert cost_tables(silent) == ()
    assert "Cost" not in printed(silent)


def test_free_judges_cost_nothing_but_tokens(make_metrics: Build):
    free = Economics(votes_paid=8, cost_usd=0.0, cost_known_usd=0.0, input_tokens=70, output_tokens=9)
    assert cost_lines(make_metrics(economics=free)) == ["Cost: nothing for 8 votes; 70 tokens in, 9 out."]


def test_of_many_judges_the_dearest_are_named(make_metrics: Build):
    judges = {f"j{n}": Account(votes_paid=1, cost_usd=n, cost_known_usd=float(n)) for n in range(1, 12)}
    many = SPENT.model_copy(update={"by_judge": judges})
    (line,) = [line for line in cost_lines(make_metrics(economics=many)) if "by judge" in line]
    assert line.startswith("  USD by judge: j11 11.00, j10 10.00")
    assert line.endswith("j4 4.00 and 3 more")


def test_a_judge_name_can_neither_command_the_terminal_nor_widen_it(make_metrics: Build):
    names = {HOSTILE: ADA, "x" * 300: BEN}
    text = printed(make_metrics(economics=SPENT.model_copy(update={"by_judge": names})))
    assert not set("\x1b\x9b\x07\u202e") & set(text)
    assert max(map(len, text.splitlines())) <= 100


def test_the_table_marks_what_it_leaves_out(make_metrics: Build):
    by_judge = cost_tables(make_metrics(economics=SPENT))[0]
    everyone = by_judge.rows[-1]
    assert (everyone.header, everyone.emphasis, everyone.cells[1].text) == ("all judges", True, "1.25†")
    assert by_judge.caution_notes == ("all judges: 10 votes of unknown price are left out",)
    assert by_judge.missing_notes[0].startswith("ben:")
