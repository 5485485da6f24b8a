"""Money counted by hand: a limit that is never crossed, and money that a killed run cannot forget."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval.engine.holding import Holding, read_lost
from panel_eval.engine.journal_lines import Spent
from panel_eval.engine.ledger import Ledger, OverBudget, VoteBill
from panel_eval.errors import InputError
from panel_eval.judges.pricing import TokenPrice, free_price
from panel_eval.schema import Budget, Usage

PRICE = TokenPrice(1e-3, 2e-3, 1e-3, 1e-3, 2e-3, "by hand")  # dollars: a tenth of a cent in, two tenths out
HUNDRED_AND_TEN = (100, 10)  # at most .100 + .020 = .12 dollars


def usage(tokens_in: int, tokens_out: int) -> Usage:
    return Usage(input_tokens=tokens_in, output_tokens=tokens_out)


def test_the_worst_case_is_reserved_and_the_bill_takes_its_place():
    ledger = Ledger(Budget(usd=0.30))
    first, second = (ledger.reserve(PRICE, *HUNDRED_AND_TEN) for _ in range(2))
    assert first is not None
    assert second is not None
    assert ledger.reserved_usd == pytest.approx(0.24)
    assert ledger.reserve(PRICE, *HUNDRED_AND_TEN) is None  # .24 + .12 > .30
    ledger.settle(first, VoteBill(), PRICE, usage(40, 5))  # .04 + .01 = .05
    assert ledger.spent.usd == pytest.approx(0.05)
    assert ledger.reserve(PRICE, *HUNDRED_AND_TEN) is not None  # .05 + .12 + .12 = .29


def test_a_request_without_a_readable_answer_counts_in_full():
    ledger, bill = Ledger(Budget(usd=0.20)), VoteBill()
    reservation = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
    assert reservation is not None
    ledger.settle_unknown(reservation, bill)
    assert (ledger.spent.usd, ledger.spent.uncertain_usd) == (0.0, pytest.approx(0.12))
    assert (bill.uncertain_usd, bill.uncertain_tokens) == (pytest.approx(0.12), 110)
    assert ledger.reserve(PRICE, *HUNDRED_AND_TEN) is None


def test_a_refused_request_costs_nothing():
    ledger = Ledger(Budget(usd=0.12))
    for _ in range(5):
        reservation = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
        assert reservation is not None
        ledger.settle_unbilled(reservation)
    assert ledger.spent == Spent()


def test_an_answer_that_reports_no_tokens_is_billed_as_unknown():
    ledger, bill = Ledger(), VoteBill()
    reservation = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
    assert reservation is not None
    ledger.settle(reservation, bill, PRICE, Usage())
    assert (ledger.spent.tokens, ledger.spent.uncertain_tokens) == (0, 110)


def test_tokens_are_a_limit_of_their_own_and_hold_judges_without_a_price():
    ledger, bill = Ledger(Budget(tokens=200)), VoteBill()
    reservation = ledger.reserve(None, *HUNDRED_AND_TEN)
    assert reservation is not None
    assert ledger.reserve(None, *HUNDRED_AND_TEN) is None
    ledger.settle_unknown(reservation, bill)
    assert (ledger.spent.unpriced, bill.uncertain_usd) == (1, None)
    assert ledger.reserve(None, 80, 10) is not None  # 110 + 90 = 200


def test_who_finds_no_room_waits_for_a_settlement_and_is_over_budget_when_none_can_come():
    async def story() -> None:
        ledger = Ledger(Budget(usd=0.20))
        out = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
        assert out is not None
        waiting = asyncio.ensure_future(ledger.room(PRICE, *HUNDRED_AND_TEN))
        await asyncio.sleep(0)
        assert not waiting.done()
        ledger.settle(out, VoteBill(), PRICE, usage(100, 0))
        await asyncio.wait_for(waiting, 1.0)
        assert ledger.reserve(PRICE, *HUNDRED_AND_TEN) is None  # .10 spent, .10 left
        with pytest.raises(OverBudget):
            await ledger.room(PRICE, *HUNDRED_AND_TEN)

    asyncio.run(story())


def test_a_request_larger_than_all_that_is_left_does_not_wait_in_vain():
    async def story() -> None:
        ledger = Ledger(Budget(usd=0.20))
        assert ledger.reserve(PRICE, 10, 0) is not None
        with pytest.raises(OverBudget):
            await ledger.room(PRICE, 1000, 0)

    asyncio.run(story())


requests = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 100), st.floats(0, 1), st.sampled_from("abc"), st.booleans()),
    max_size=60,
)


@given(requests, st.floats(0.01, 2.0))
def test_the_limit_is_never_crossed_whatever_the_answers_cost(plan, limit):
    """Answers cost any part of their worst case; some are never read; several are under way at once."""
    ledger, under_way, billed = Ledger(Budget(usd=limit)), [], 0.0
    for tokens_in, tokens_out, part, fate, settle_now in plan:
        reservation = ledger.reserve(PRICE, tokens_in, tokens_out)
        if reservation is not None:
            under_way.append((reservation, usage(1 + int(part * (tokens_in - 1)), int(part * tokens_out)), fate))
        while under_way and (settle_now or len(under_way) > 5):
            reservation, used, fate = under_way.pop(0)
            if fate == "a":
                ledger.settle(reservation, VoteBill(), PRICE, used)
                billed += PRICE.cost_usd(used)
            elif fate == "b":
                ledger.settle_unknown(reservation, VoteBill())
                billed += PRICE.cost_usd(used)  # the provider did the work all the same
            else:
                ledger.settle_unbilled(reservation)
        out = sum(each.usd for each, _, _ in under_way)
        assert ledger.spent.usd + ledger.spent.uncertain_usd + out <= limit + 1e-9
        assert billed <= limit + 1e-9


def test_what_a_killed_session_may_have_spent_is_not_forgotten(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(Budget(usd=10.0), holding=Holding(path))
    bills = [VoteBill() for _ in range(4)]
    out = [ledger.reserve(PRICE, *HUNDRED_AND_TEN) for _ in range(4)]  # .48 under way
    assert all(out)
    ledger.settle(out[0], bills[0], PRICE, usage(50, 10))  # .07, answered and not yet in the journal
    # Killed here: nothing is closed.
    after = Holding(path)
    assert 0.43 <= after.lost_usd <= 0.48 * 1.5 + 1e-9
    assert 330 + 60 <= after.lost_tokens <= 440 * 1.5 + 1
    assert Holding(path).lost_usd == after.lost_usd  # lost once, however often it is looked at


def test_no_more_is_written_ahead_than_the_budget_could_let_out(tmp_path):
    path = tmp_path / "ledger.jsonl"
    budget = Budget(usd=0.30)
    ledger = Ledger(budget, holding=Holding(path, budget=budget))
    assert all(ledger.reserve(PRICE, *HUNDRED_AND_TEN) for _ in range(2))  # .24 out; half as much again is .36
    assert Holding(path).lost_usd == pytest.approx(0.30)


def test_a_session_that_ends_well_has_lost_nothing(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger, bill = Ledger(holding=Holding(path)), VoteBill()
    reservation = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
    assert reservation is not None
    ledger.settle(reservation, bill, PRICE, usage(50, 10))
    ledger.stored(bill)
    ledger.close()
    assert (Holding(path).lost_usd, Holding(path).lost_tokens) == (0.0, 0)


def test_votes_given_up_at_the_end_are_money_that_no_vote_tells_of(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger, bill = Ledger(holding=Holding(path)), VoteBill()
    reservation = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
    assert reservation is not None
    ledger.settle_unknown(reservation, bill)
    ledger.close()  # the vote was abandoned: `stored` was never called
    assert (Holding(path).lost_usd, Holding(path).lost_tokens) == (pytest.approx(0.12), 110)


def test_tokens_held_are_lowered_too_where_nothing_costs_money(tmp_path):
    """100,000 tokens out at first, 1,000 at last: a kill then must not cost the run 150,000 of its budget."""
    now = [0.0]
    holding = Holding(tmp_path / "ledger.jsonl", budget=Budget(tokens=1_000_000), clock=lambda: now[0])
    holding.cover(0.0, 100_000)
    now[0] += 2.0
    holding.cover(0.0, 1_000, stored_tokens=998_800)
    assert read_lost(tmp_path / "ledger.jsonl") == (0.0, 1_200)


def test_no_more_was_lost_than_the_limit_left_beside_votes_stored_since(tmp_path):
    """1 USD was held when .5 USD stood in the journal; .8 stood there at the kill: at most 1.2 - .8 was lost."""
    path = tmp_path / "ledger.jsonl"
    Holding(path, budget=Budget(usd=1.2, tokens=5_000)).cover(0.7, 900, stored_usd=0.5, stored_tokens=4_000)
    told = Spent(usd=0.7, uncertain_usd=0.1, tokens=4_600)
    assert read_lost(path, told) == (pytest.approx(0.4), 400)
    after = Holding(path, told, Budget(usd=99.0))
    assert (after.lost_usd, after.lost_tokens) == (pytest.approx(0.4), 400)
    assert read_lost(path, Spent(usd=50.0)) == (pytest.approx(0.4), 400)  # found once, it stands


def test_sums_without_limits_are_read_as_they_stand(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"held_usd": 1.5, "held_tokens": 20}\n')
    assert read_lost(path, Spent(usd=100.0)) == (1.5, 20)


def test_what_is_left_of_sums_taken_apart_does_not_spoil_the_file(tmp_path):
    """.1 + .2 - .3 is not 0 but 6e-17, and other sums end below 0: a file with such a line could not be read."""
    now = [0.0]
    holding = Holding(tmp_path / "ledger.jsonl", clock=lambda: now[0])
    holding.cover(5.0, 100)
    now[0] += 2.0
    holding.cover(-2.7e-15, 100)
    assert read_lost(tmp_path / "ledger.jsonl") == (0.0, 151)


def test_votes_of_unknown_price_are_counted_not_their_requests():
    """As lines of the journal are when the run is gone on with."""
    ledger, bill = Ledger(), VoteBill()
    for _ in range(2):  # an answer and its repair
        reservation = ledger.reserve(None, *HUNDRED_AND_TEN)
        assert reservation is not None
        ledger.settle(reservation, bill, None, usage(40, 5))
    assert ledger.spent.unpriced == 1


def test_sums_are_written_ahead_in_steps_not_for_every_request(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(holding=Holding(path))
    for _ in range(1000):
        reservation = ledger.reserve(PRICE, *HUNDRED_AND_TEN)
        assert reservation is not None
    # Each step covers half as much again: 1.5^n > 1000 from n = 18 on.
    assert len(path.read_text().splitlines()) <= 19


@given(cut=st.integers(0, 400))
def test_a_file_cut_at_any_byte_still_covers_what_went_out(tmp_path_factory, cut):
    """A request goes out only after its sum is written, so a torn last sum has let nothing out yet."""
    path = tmp_path_factory.mktemp("cut") / "ledger.jsonl"
    holding = Holding(path)
    for number in range(1, 9):
        holding.cover(float(number), number)
    data = path.read_bytes()[:cut]
    path.write_bytes(data)
    whole = [json.loads(line) for line in data.split(b"\n") if line.endswith(b"}")]
    assert Holding(path).lost_usd == (whole[-1]["held_usd"] if whole else 0.0)
    assert Holding(path).lost_usd == (whole[-1]["held_usd"] if whole else 0.0)


@pytest.mark.parametrize("line", [b'{"held_usd": -1, "held_tokens": 0}', b"nonsense", b'{"lost_usd": NaN}', b"[]"])
def test_a_damaged_ledger_is_an_error_that_names_the_line(tmp_path, line):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b'{"held_usd": 1.0, "held_tokens": 2}\n' + line + b"\n")
    with pytest.raises(InputError, match=r"ledger\.jsonl:2: is not a line of the ledger"):
        Holding(path)


def test_a_ledger_that_cannot_be_read_is_an_error_in_words(tmp_path):
    (tmp_path / "ledger.jsonl").mkdir()
    with pytest.raises(InputError, match=r"ledger\.jsonl: cannot be read: Is a directory"):
        Holding(tmp_path / "ledger.jsonl")


def test_free_judges_fit_into_any_budget():
    ledger = Ledger(Budget(usd=1e-9))
    assert all(ledger.reserve(free_price("local"), 10_000, 10_000) for _ in range(100))
