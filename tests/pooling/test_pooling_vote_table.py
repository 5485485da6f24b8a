"""Votes as columns say what the votes themselves say, however the columns came about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel_eval.errors import InputError
from panel_eval.pooling import VoteTable, collect_votes, latest_votes, read_vote_table
from panel_eval.pooling.vote_columns import occurs_again
from panel_eval.schema import OUTCOMES, Usage, Vote

LABELS = ("mild", "moderate", "severe")
ARRAYS = ("q_raw", "strength", "outcomes", "confidence")
COUNTS = [[1, 2, 1], [4, 0, 0], [0, 1, 3]]

shares = st.lists(st.integers(1, 97), min_size=2, max_size=3).map(
    lambda parts: {label: part / sum(parts) for label, part in zip(LABELS, parts, strict=False)}
)
answers = st.one_of(
    st.sampled_from(LABELS).map(lambda label: {"label": label}),
    shares.map(lambda masses: {"distribution": masses}),
    st.sampled_from(OUTCOMES[1:]).map(lambda outcome: {"outcome": outcome}),
)
usages = st.none() | st.builds(Usage, input_tokens=st.integers(0, 10**6), cached_tokens=st.integers(0, 9))


@st.composite
def votes(draw: st.DrawFn) -> list[Vote]:
    """Votes on known and unknown items, each with a place of its own."""
    places = draw(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc"), st.integers(0, 2)), unique=True))
    return [
        Vote(
            item_id=f"item-{item:04d}",
            judge=judge,
            sample=sample,
            confidence=draw(st.none() | st.floats(0, 1)),
            cost_usd=draw(st.none() | st.floats(0, 9)),
            cost_uncertain_usd=draw(st.none() | st.just(0.0) | st.floats(0, 9)),
            attempts=draw(st.integers(0, 2)),
            reused_from=draw(st.none() | st.just("an-earlier-run")),
            latency_s=draw(st.none() | st.floats(0, 9)),
            usage=draw(usages),
            vote_key=draw(st.none() | st.just(f"{item}{judge}{sample}")),
            **draw(answers),
        )
        for item, judge, sample in places
    ]


@settings(max_examples=60, deadline=None)
@given(votes(), st.booleans())
def test_a_file_of_votes_is_collected_like_the_votes(tmp_path_factory, make_humans, given_votes, defaults_written):
    humans = make_humans(COUNTS, LABELS)
    path = tmp_path_factory.mktemp("votes") / "votes.jsonl"
    lines = [vote.model_dump_json(exclude_defaults=not defaults_written) for vote in given_votes]
    path.write_text("".join(line + "\n" for line in lines))
    if not given_votes:
        with pytest.raises(InputError, match="holds no votes"):
            read_vote_table(path)
        return
    from_file, from_votes = (collect_votes(those, humans) for those in (read_vote_table(path), given_votes))
    for name in ARRAYS:
        assert getattr(from_file, name).tobytes() == getattr(from_votes, name).tobytes()
    for name in ("judge_ids", "spending", "excluded_unknown_items", "excluded_unknown_judges"):
        assert getattr(from_file, name) == getattr(from_votes, name)


@given(votes(), st.data())
def test_chosen_rows_say_what_a_table_of_the_chosen_votes_says(make_humans, given_votes, data):
    rows = data.draw(st.permutations(range(len(given_votes))))[: data.draw(st.integers(0, len(given_votes)))]
    chosen = VoteTable.of(given_votes).take(np.array(rows, dtype=np.int64))
    expected = [given_votes[row] for row in rows]
    assert list(chosen) == expected
    humans = make_humans(COUNTS, LABELS)
    found, wanted = collect_votes(chosen, humans), collect_votes(expected, humans)
    assert found.spending == wanted.spending
    assert all(getattr(found, name).tobytes() == getattr(wanted, name).tobytes() for name in ARRAYS)


@given(st.lists(st.integers(-3, 9) | st.integers(10**12, 10**12 + 3)))
def test_numbers_that_occur_again_are_found(numbers):
    again = occurs_again(np.array(numbers, dtype=np.int64))
    assert again.tolist() == [numbers.count(number) > 1 for number in numbers]


def test_of_votes_asked_again_the_last_line_counts_in_the_place_of_the_first(tmp_path):
    path = tmp_path / "votes.jsonl"
    keys = ["a", None, "b", "a", None, "c", "b", "a"]
    votes = [Vote(item_id=str(i), judge="j", label="x", vote_key=key) for i, key in enumerate(keys)]
    path.write_text("".join(vote.model_dump_json() + "\n" for vote in votes))
    for table in (read_vote_table(path), VoteTable.of(votes)):
        assert [vote.item_id for vote in latest_votes(table)] == ["7", "1", "6", "4", "5"]


def test_a_field_that_starts_late_in_a_large_file_is_not_lost(tmp_path, make_humans):
    humans = make_humans([[1, 2, 1]] * 20_000, LABELS)
    path = tmp_path / "votes.jsonl"
    plain = [f'{{"item_id": "item-{i:04d}", "judge": "j", "label": "mild"}}\n' for i in range(20_000)]
    plain[18_000] = (
        '{"item_id": "item-18000", "judge": "j", "distribution": {"severe": 1}, "confidence": 0.25,'
        ' "cost_usd": 0.5, "usage": {"output_tokens": 3}}\n'
    )
    path.write_text("".join(plain))
    forecasts = collect_votes(read_vote_table(path), humans)
    assert forecasts.q_raw[0, 17_999:18_002].tolist() == [[1, 0, 0], [0, 0, 1], [1, 0, 0]]
    assert forecasts.confidence[0, 18_000] == 0.25
    assert np.isnan(forecasts.confidence).sum() == 19_999
    assert (forecasts.spending.total.cost_known_usd, forecasts.spending.total.tokens[1]) == (0.5, 3)
    assert forecasts.spending.total.unpriced == 19_999


def test_every_bad_line_is_named(tmp_path):
    path = tmp_path / "votes.jsonl"
    path.write_text('{"item_id": "a", "judge": "j"}\n' * 3 + '{"item_id": "a", "judge": "j", "label": "x"}\n')
    with pytest.raises(InputError) as caught:
        read_vote_table(path)
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]
