"""The collector's settings are the caller's again, whatever happens."""

from __future__ import annotations

import gc

import pytest

from panel_eval.engine.collector import calm_collector


def fail_inside() -> None:
    with calm_collector():
        assert gc.get_threshold()[0] > 700  # Python's own
        raise RuntimeError


def test_the_settings_come_back_also_after_a_fault():
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(RuntimeError):
        fail_inside()
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, frozen)


def test_a_collector_that_is_off_stays_as_it_is():
    before = gc.get_threshold()
    gc.disable()
    try:
        with calm_collector():
            assert (gc.isenabled(), gc.get_threshold()) == (False, before)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_cycles_are_still_collected_inside():
    with calm_collector():

        class Node:
            pass

        alive = 0
        for _ in range(100_000):
            node = Node()
            node.itself = node  # type: ignore[attr-defined]
        alive = sum(isinstance(each, Node) for each in gc.get_objects())
    assert alive < 60_000
