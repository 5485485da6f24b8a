"""Nights parted into streams, their levels and changes, and when they raise an alarm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from panel_eval.evaluation.monitoring import ItemNight, Night, Series, watch
from panel_eval.schema.history import Stream

SERIES = Series("panel", "task", "1234abcd", "the first run", current=True)


def night(number: int, scores: np.ndarray, prefix: str = "item", cluster: str | None = None) -> Night:
    items = [
        ItemNight(f"{prefix}-{row}", f"{prefix}-{row}", cluster and f"{cluster}-{row // 5}", float(score))
        for row, score in enumerate(scores)
    ]
    return Night(f"run-{number:03d}", f"2026-01-{number + 1:02d}T00:00:00+00:00", items)


def canary(n_items: int, nights: int, change: float = 0.0, since: int = 99, seed: int = 0) -> list[Night]:
    draw = np.random.default_rng([seed, 1])
    level = draw.normal(1.5, 0.5, size=n_items)
    return [
        night(number, level + 0.3 * draw.normal(size=n_items) + (change if number >= since else 0.0))
        for number in range(nights)
    ]


def fresh(n_items: int, nights: int, change: float = 0.0, since: int = 99, seed: int = 0) -> list[Night]:
    draw = np.random.default_rng([seed, 2])
    return [
        night(
            number,
            1.5 + 0.6 * draw.normal(size=n_items) + (change if number >= since else 0.0),
            prefix=f"night-{number}",
        )
        for number in range(nights)
    ]


def beside(one: list[Night], other: list[Night]) -> list[Night]:
    return [replace(ours, items=[*ours.items, *theirs.items]) for ours, theirs in zip(one, other, strict=True)]


def kinds(streams: list[Stream]) -> list[tuple[str, int]]:
    return [(stream.kind, len(stream.nights)) for stream in streams]


def test_one_night_alone_is_compared_with_nothing() -> None:
    (stream,) = watch(canary(20, 1), SERIES)
    assert (stream.kind, stream.note) == ("fresh", "one night: nothing to compare with yet")
    assert stream.nights[0].change.estimate is None
    assert stream.nights[0].evidence is None


def test_items_asked_again_are_canary_and_others_fresh() -> None:
    assert kinds(watch(canary(20, 3), SERIES)) == [("canary", 3)]
    assert kinds(watch(fresh(20, 3), SERIES)) == [("fresh", 3)]
    both = watch(beside(canary(20, 3), fresh(10, 3)), SERIES)
    assert kinds(both) == [("canary", 3), ("fresh", 3)]
    assert [stream.nights[0].n_items for stream in both] == [20, 10]


def test_items_added_to_a_canary_are_no_fresh_items() -> None:
    nights = canary(20, 3)
    more = night(9, np.full(5, 9.0), prefix="added").items
    added = [*nights[:2], replace(nights[2], items=[*nights[2].items, *more])]
    assert kinds(watch(added, SERIES)) == [("canary", 3)]


def test_an_item_whose_votes_changed_is_another_one_and_not_fresh() -> None:
    nights = beside(canary(20, 4), fresh(20, 4))
    relabelled = [replace(item, identity=f"{item.identity}-new") for item in nights[3].items[:5]]
    nights[3] = replace(nights[3], items=[*relabelled, *nights[3].items[5:]])
    by_kind = {stream.kind: stream for stream in watch(nights, SERIES)}
    assert by_kind["canary"].nights[3].n_items == 15
    assert by_kind["fresh"].nights[3].n_items == 20


def test_a_planted_loss_is_found_with_its_night_size_and_direction() -> None:
    (stream,) = watch(canary(400, 20, change=0.08, since=9), SERIES)
    alarm = stream.alarm
    assert alarm is not None
    assert (alarm.direction, alarm.since_run_id) == ("worse", "run-009")
    assert "run-009" <= alarm.run_id <= "run-011"
    assert alarm.change.low is not None
    assert alarm.change.high is not None
    assert 0 < alarm.change.low < 0.08 < alarm.change.high
    first = next(found for found in stream.nights if found.evidence is not None and found.evidence >= 20)
    assert alarm.run_id == first.run_id


def test_an_improvement_is_an_alarm_too_and_said_to_be_one() -> None:
    (stream,) = watch(fresh(500, 20, change=-0.3, since=9), SERIES)
    assert stream.alarm is not None
    assert stream.alarm.direction == "better"
    assert "became better" in stream.alarm.text


def test_the_change_since_the_first_night_by_hand() -> None:
    """Ten items at 1 bit on the first night, then at 1.1 and 1.3: changes .1 and (.1 + .3) / 2."""
    nights = [night(number, np.full(10, level)) for number, level in enumerate([1.0, 1.1, 1.3])]
    changes = [found.change for found in watch(nights, SERIES)[0].nights]
    assert changes[1].estimate == pytest.approx(0.1)
    assert changes[2].estimate == pytest.approx(0.2)
    assert changes[2].n == 10


def test_few_items_have_no_interval_and_no_evidence_of_a_mean() -> None:
    (stream,) = watch(canary(7, 5), SERIES)
    assert stream.nights[4].evidence_mean is None
    assert stream.nights[4].change.low is None
    assert stream.note is not None
    assert "ranks only" in stream.note


def test_missing_scores_are_left_out_and_counted() -> None:
    nights = canary(40, 4)
    nights[2] = replace(nights[2], items=[replace(item, score=float("nan")) for item in nights[2].items])
    (stream,) = watch(nights, SERIES)
    assert stream.nights[2].level.estimate is None
    assert stream.note == "40 scores are missing or infinite and left out"
    assert stream.nights[3].change.estimate is not None


def test_the_order_of_items_changes_not_a_digit() -> None:
    nights = beside(canary(60, 6), fresh(30, 6))
    draw = np.random.default_rng(3)
    mixed = [replace(own, items=[own.items[at] for at in draw.permutation(len(own.items))]) for own in nights]
    assert [one.model_dump_json() for one in watch(mixed, SERIES)] == [
        one.model_dump_json() for one in watch(nights, SERIES)
    ]


def test_later_nights_do_not_change_what_was_said_of_earlier_ones() -> None:
    nights = canary(60, 9, change=0.2, since=5)
    (whole,), (part,) = watch(nights, SERIES), watch(nights[:6], SERIES)
    for early, late in zip(part.nights, whole.nights, strict=False):
        assert early.level == late.level
        assert early.evidence == (None if late.evidence is None else pytest.approx(late.evidence))
        assert early.change.estimate == (
            None if late.change.estimate is None else pytest.approx(late.change.estimate)
        )


def test_two_kinds_side_by_side_share_alpha() -> None:
    both = watch(beside(canary(20, 3), fresh(10, 3)), SERIES)
    assert [stream.alarm_at for stream in both] == [40.0, 40.0]
    (alone,) = watch(canary(20, 3), replace(SERIES, alpha=0.01))
    assert alone.alarm_at == pytest.approx(100.0)


def test_a_judge_without_noise_raises_no_alarm_until_it_changes() -> None:
    level = np.random.default_rng(4).random(100)
    still = [night(number, level) for number in range(12)]
    (stream,) = watch(still, SERIES)
    assert stream.alarm is None
    assert stream.nights[11].change.estimate == 0.0
    one_vote = level + (np.arange(100) == 3)
    (stream,) = watch([*still, *[night(number, one_vote) for number in range(12, 20)]], SERIES)
    assert stream.alarm is None
    many = level + 0.3 * (np.arange(100) < 30)
    (stream,) = watch([*still, *[night(number, many) for number in range(12, 20)]], SERIES)
    assert stream.alarm is not None
    assert stream.alarm.since_run_id == "run-012"


def test_items_of_a_cluster_count_as_one() -> None:
    """Ten clusters of five alike items: as if there were ten items, not fifty."""
    draw = np.random.default_rng(5)
    nights = [
        night(number, np.repeat(1.5 + draw.normal(size=10), 5), prefix=f"n{number}", cluster=f"n{number}")
        for number in range(3)
    ]
    (stream,) = watch(nights, SERIES)
    level = stream.nights[2].level
    means = np.array([item.score for item in nights[2].items]).reshape(10, 5).mean(axis=1)
    assert level.high is not None
    # t interval of ten means: 2.262 standard errors with 9 degrees of freedom
    assert level.high - means.mean() == pytest.approx(2.26216 * means.std(ddof=1) / np.sqrt(10), rel=1e-4)


def shares(level: np.ndarray, *changes: float) -> list[Night]:
    draw = np.random.default_rng(6)
    return [
        night(number, level + 0.3 * draw.normal(size=len(level)) + change) for number, change in enumerate(changes)
    ]


def test_a_change_after_the_one_that_alarmed_is_not_said_to_be_significant_before_it_came() -> None:
    """.1 bits worse from night 10, .2 better from night 15: the alarm is older than the change it now tells of."""
    nights = shares(np.full(200, 1.5), *[0.0] * 10, *[0.1] * 5, *[-0.1] * 20)
    (stream,) = watch(nights, SERIES)
    assert stream.alarm is not None
    assert stream.alarm.since_run_id == "run-015"
    assert stream.alarm.run_id < "run-015"
    assert "became better, most likely since run-015" in stream.alarm.text
    assert f"by {stream.alarm.change.estimate:+.3f} bits" in stream.alarm.text
    assert f"An earlier change was significant on {stream.alarm.run_id}." in stream.alarm.text


def test_where_the_mean_stays_the_ranks_say_since_when_and_which_way() -> None:
    """On night 10 all but one in twenty items are .2 worse, those 3.8 better: the mean is as it was."""
    nights = shares(np.full(300, 1.5), *[0.0] * 14)
    moved = np.where(np.arange(300) % 20, 0.2, -3.8)
    nights[10] = night(10, np.array([item.score for item in nights[10].items]) + moved)
    (stream,) = watch(nights, SERIES)
    assert stream.alarm is not None
    assert (stream.alarm.direction, stream.alarm.since_run_id) == ("worse", "run-010")
    assert "most scores became worse" in stream.alarm.text


def test_another_set_of_items_is_no_fresh_draw_beside_a_canary() -> None:
    """A pilot of one night, ten nights of a set, and tonight a harder set: nothing says that the panel changed."""
    draw = np.random.default_rng(7)
    pilot = night(0, 1 + 0.3 * draw.normal(size=60), prefix="pilot")
    nights = [replace(one, run_id=f"run-{1 + number:03d}") for number, one in enumerate(canary(100, 10))]
    harder = night(11, 3 + 0.3 * draw.normal(size=100), prefix="harder")
    found = watch([pilot, *nights, harder], SERIES)
    assert kinds(found) == [("canary", 10)]
    assert found[0].alarm is None


def test_fresh_items_are_watched_beside_a_canary_from_their_third_night() -> None:
    nights = beside(canary(20, 4), fresh(10, 4))
    assert [len(watch(nights[:seen], SERIES)) for seen in (2, 3, 4)] == [1, 2, 2]
    assert [stream.alarm_at for stream in watch(nights[:2], SERIES)] == [20.0]


def test_the_last_bits_of_a_number_are_no_change() -> None:
    """Another machine adds in another order: 1e-15 on every score."""
    level = np.random.default_rng(8).random(200)
    nights = [night(number, level + (1e-15 if number >= 5 else 0.0)) for number in range(10)]
    (stream,) = watch(nights, SERIES)
    assert stream.alarm is None


def clustered(seed: int, stay: int, sizes: tuple[int, int]) -> list[Night]:
    """30 nights of 100 new skewed items in clusters that come back for some nights, of two sizes by half."""
    draw = np.random.default_rng([seed, 9])
    found, shared = [], np.empty(0)
    for number in range(30):
        own = np.arange(100) // sizes[number >= 15]
        if number % stay == 0:
            shared = draw.normal(size=own[-1] + 1)
        scores = np.exp(0.5 * shared[own] + draw.normal(size=100))
        items = [
            ItemNight(f"{number}-{row}", f"{number}-{row}", f"{number // stay}-{own[row]}", float(scores[row]))
            for row in range(100)
        ]
        found.append(Night(f"{seed}-{number:03d}", f"2026-01-{number + 1:02d}", items))
    return found


@pytest.mark.parametrize(("stay", "sizes"), [(5, (20, 20)), (1, (10, 2))])
def test_clusters_that_stay_or_shrink_are_no_change(stay: int, sizes: tuple[int, int]) -> None:
    """40 series: by .05 and two Monte-Carlo errors, at most 4 alarm."""
    alarms = [watch(clustered(seed, stay, sizes), SERIES)[0].alarm is not None for seed in range(40)]
    assert sum(alarms) <= 4


@pytest.mark.slow
def test_thirty_nights_in_which_nothing_changes_seldom_alarm() -> None:
    """80 series with both kinds: more than 8 alarms (.05 and two Monte-Carlo errors) would be too many."""
    alarms = 0
    for seed in range(80):
        nights = beside(canary(30, 30, seed=seed), fresh(30, 30, seed=seed))
        alarms += any(stream.alarm is not None for stream in watch(nights, SERIES))
    assert alarms <= 8
