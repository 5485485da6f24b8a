"""Prices by hand, as properties, and against litellm's own cost calculation."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_eval import schema
from panel_eval.judges import price_map
from panel_eval.judges.price_map import judge_price, listed_price
from panel_eval.judges.price_rows import price_in_row
from panel_eval.judges.pricing import TokenPrice, free_price, panel_price
from panel_eval.schema import Price, PriceRow, Usage

LONG = TokenPrice(4.0, 20.0, 2.0, 5.0, 25.0, "long", from_input_tokens=1001)
PRICE = TokenPrice(2.0, 10.0, 1.0, 3.0, 12.0, "short", above=(LONG,))


def test_each_part_of_the_tokens_has_its_own_price():
    usage = Usage(input_tokens=100, output_tokens=50, cached_tokens=30, cache_write_tokens=20, reasoning_tokens=40)
    # input (100 - 30 - 20) x 2 + 30 x 1 + 20 x 3 = 190; output (50 - 40) x 10 + 40 x 12 = 580
    assert PRICE.cost_usd(usage) == 190 + 580


def test_a_part_larger_than_its_whole_is_charged_beside_it():
    # 10 x 2 + 1000 x 1; 5 x 10 + 7 x 12
    usage = Usage(input_tokens=10, cached_tokens=1000, output_tokens=5, reasoning_tokens=7)
    assert PRICE.cost_usd(usage) == 20 + 1000 + 50 + 84


def test_a_long_request_pays_the_dearer_tier_for_every_token():
    assert PRICE.cost_usd(Usage(input_tokens=1000, output_tokens=1)) == 2000 + 10
    assert PRICE.cost_usd(Usage(input_tokens=1001, output_tokens=1)) == 4004 + 20


def test_the_worst_case_by_hand():
    assert PRICE.worst_usd(1000, 10) == 1000 * 3 + 10 * 12  # every input token written to the cache, all reasoning
    assert PRICE.worst_usd(1001, 10) == 1001 * 5 + 10 * 25
    cheaper_above = TokenPrice(2.0, 10.0, 2.0, 2.0, 10.0, "odd", above=(TokenPrice(1, 1, 1, 1, 1, "", None, 10),))
    assert cheaper_above.worst_usd(20, 1) == 20 * 2 + 10  # 9 tokens would still pay the dear price


_usd = st.floats(0, 1e-3)
_prices = st.builds(TokenPrice, _usd, _usd, _usd, _usd, _usd, st.just("made up"))
_stacks = st.builds(
    lambda low, high, start: TokenPrice(
        *_five(low), "made up", above=(TokenPrice(*_five(high), "made up", from_input_tokens=start),)
    ),
    _prices,
    _prices,
    st.integers(1, 2000),
)


def _five(price):
    return price.input, price.output, price.cached_input, price.cache_write, price.reasoning


@st.composite
def _usages(draw, most_in=3000, most_out=500):
    read, written = draw(st.integers(0, most_in)), draw(st.integers(0, most_out))
    cached = draw(st.integers(0, read))
    return Usage(
        input_tokens=read,
        output_tokens=written,
        cached_tokens=cached,
        cache_write_tokens=draw(st.integers(0, read - cached)),
        reasoning_tokens=draw(st.integers(0, written)),
    )


@given(_stacks, _usages())
def test_no_request_within_the_bound_costs_more_than_the_worst_case(price, usage):
    for more in (0, 1, 1500):
        assert price.cost_usd(usage) <= price.worst_usd(usage.input_tokens + more, usage.output_tokens) + 1e-12


@given(_stacks, st.builds(Usage, **dict.fromkeys(Usage.model_fields, st.integers(0, 10**9))))
def test_no_report_makes_a_cost_negative(price, usage):
    assert price.cost_usd(usage) >= 0.0


def test_usages_add_up_field_by_field():
    numbered = Usage(**{name: 10**at for at, name in enumerate(Usage.model_fields)})
    assert (numbered + numbered).model_dump() == {name: 2 * 10**at for at, name in enumerate(Usage.model_fields)}


def test_a_panel_price_fills_in_what_it_leaves_out():
    price = panel_price(Price(input_usd_per_mtok=2.0, output_usd_per_mtok=10.0, reasoning_usd_per_mtok=12.0))
    assert price == TokenPrice(2e-6, 1e-5, 2e-6, 2e-6, 1.2e-5, "panel file")
    assert price.in_batch is price
    half = panel_price(Price(input_usd_per_mtok=2.0, output_usd_per_mtok=10.0, batch_input_usd_per_mtok=1.0))
    assert half.in_batch.cost_usd(Usage(input_tokens=10**6, output_tokens=10**6)) == pytest.approx(1 + 10)


def test_free_is_free_and_a_price_of_reasoning_alone_is_not():
    assert free_price("local model").free
    assert not TokenPrice(0, 0, 0, 0, 1e-9, "odd").free
    assert not TokenPrice(0, 0, 0, 0, 0, "odd", above=(LONG,)).free


def test_the_row_for_run_json_is_in_dollars_per_million_and_reads_back():
    row = listed_price("gpt-4o-mini").row()
    assert (row.input_usd_per_mtok, row.output_usd_per_mtok) == (0.15, 0.6)
    assert (row.batch.input_usd_per_mtok, row.batch.output_usd_per_mtok) == (0.075, 0.3)
    assert PriceRow.model_validate_json(row.model_dump_json()) == row
    assert row.source.startswith("litellm ")
    assert row.source.endswith(" price list: gpt-4o-mini")


def test_who_sets_a_judges_price(tmp_path):
    def price_of(model, **settings):
        return judge_price(schema.Judge.model_validate({"id": "j", "model": model, **settings}))

    own = {"input_usd_per_mtok": 7, "output_usd_per_mtok": 8}
    assert price_of("gpt-4o-mini", price=own).input == 7e-6
    assert price_of("local/smollm2", price=own).input == 7e-6
    for model in ("local/smollm2", "fake/script.yaml", "replay/votes.jsonl"):
        assert price_of(model).free
    assert price_of("gpt-4o-mini").input == 1.5e-7
    assert price_of("gpt-4o-mini", api_base="http://127.0.0.1:8000/v1") is None
    assert price_of("openai/my-own-model") is None


@pytest.mark.parametrize(("base", "known"), [("https://api.openai.com/v1", True), ("http://127.0.0.1:1/v1", False)])
def test_a_server_named_by_the_environment_has_prices_of_its_own(monkeypatch, base, known):
    monkeypatch.setenv("OPENAI_BASE_URL", base)
    for model in ("gpt-4o-mini", "openai/gpt-4o-mini"):
        assert (judge_price(schema.Judge(id="j", model=model)) is not None) == known
    assert judge_price(schema.Judge(id="j", model="claude-sonnet-4-5")) is not None


def test_looking_up_a_price_imports_no_litellm():
    code = (
        "import sys; from panel_eval.judges.price_map import listed_price;"
        "assert listed_price('gpt-4o-mini'); sys.exit('litellm' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("content", [None, "not json", "[1, 2]", '{"gpt-4o-mini": 7}', "[" * 100_000])
def test_a_list_that_cannot_be_read_knows_no_price(tmp_path, monkeypatch, content):
    package = tmp_path / "litellm"
    package.mkdir()
    (package / "__init__.py").write_text("")
    if content is not None:
        (package / "model_prices_and_context_window_backup.json").write_text(content)
    monkeypatch.setattr(
        price_map.importlib.util,
        "find_spec",
        lambda name: type("Spec", (), {"submodule_search_locations": [package]}),
    )
    price_map._rows.cache_clear()
    try:
        assert listed_price("gpt-4o-mini") is None
    finally:
        price_map._rows.cache_clear()


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"input_cost_per_token": 1e-6},
        {"input_cost_per_token": 0, "output_cost_per_token": 0},
        {"input_cost_per_token": -1e-6, "output_cost_per_token": 1e-6},
        {"input_cost_per_token": "1e-6", "output_cost_per_token": 1e-6},
        {"input_cost_per_token": True, "output_cost_per_token": 1e-6},
        {"input_cost_per_token": float("nan"), "output_cost_per_token": 1e-6},
        {"input_cost_per_token": float("inf"), "output_cost_per_token": 1e-6},
        {"input_cost_per_token": 10**400, "output_cost_per_token": 1e-6},
        {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "mode": "embedding"},
        {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "input_cost_per_request": 0.005},
        {"input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6, "tiered_pricing": [7]},
        {"tiered_pricing": [{"range": [0], "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6}]},
    ],
)
def test_rows_without_a_whole_price_are_unknown_not_free(row):
    assert price_in_row(row, "s") is None


def test_a_row_with_tiers_by_hand():
    row = {
        "input_cost_per_token": 1.0, "output_cost_per_token": 5.0, "cache_read_input_token_cost": 0.1,
        "input_cost_per_token_above_200k_tokens": 2.0, "output_cost_per_token_above_200k_tokens": 7.0,
        "input_cost_per_token_batches": 0.5, "output_cost_per_token_batches": 2.5,
    }  # fmt: skip
    price = price_in_row(row, "s")
    (long,) = price.above
    assert long.from_input_tokens == 200_001
    assert (long.input, long.output, long.cached_input, long.cache_write) == (2.0, 7.0, 0.1, 2.0)
    assert (price.batch.input, price.batch.output, price.batch.cached_input) == (0.5, 2.5, 0.5)
    assert price_in_row({**row, "litellm_provider": "xai"}, "s").above[0].from_input_tokens == 200_000


def test_a_long_request_in_a_batch_costs_no_less_than_the_list_says_of_its_tier():
    row = {
        "input_cost_per_token": 1.0, "output_cost_per_token": 5.0,
        "input_cost_per_token_above_200k_tokens": 2.0, "output_cost_per_token_above_200k_tokens": 7.0,
        "input_cost_per_token_batches": 0.5, "output_cost_per_token_batches": 2.5,
    }  # fmt: skip
    (long,) = price_in_row(row, "s").batch.above
    assert (long.input, long.output) == (2.0, 7.0)  # no price of batches is known for that tier
    named = {"input_cost_per_token_above_200k_tokens_batches": 0.9}
    (long,) = price_in_row(row | named, "s").batch.above
    assert (long.input, long.output) == (0.9, 7.0)


def test_a_row_with_a_table_of_ranges_by_hand():
    table = [
        {"range": [0, 32_000], "input_cost_per_token": 1.0, "output_cost_per_token": 2.0},
        {"range": [32_000, 1e6], "input_cost_per_token": 3.0, "output_cost_per_token": 4.0},
    ]
    price = price_in_row({"tiered_pricing": table}, "s")
    assert price.cost_usd(Usage(input_tokens=32_000, output_tokens=1)) == 32_000 + 2
    assert price.cost_usd(Usage(input_tokens=32_001, output_tokens=1)) == 3 * 32_001 + 4


UNKNOWN = [
    "no-such-model", "openai/no-such-model", "azure/my-deployment", "hosted_vllm/meta-llama/Llama-3.1-8B",
    "ollama/llama3", "github/gpt-4o", "litellm_proxy/gpt-4o", "openrouter/no/such", "mistral/gpt-4o-mini",
    "text-embedding-3-small", "dall-e-3", "", "/", "openai/",
    # charged for their searches too
    "perplexity/sonar", "perplexity/sonar-deep-research", "openai/gpt-4o-search-preview", "gpt-5-search-api",
]  # fmt: skip


@pytest.mark.parametrize("model", UNKNOWN)
def test_names_without_a_price_of_their_own_are_unknown(model):
    assert listed_price(model) is None


KNOWN = [
    "gpt-4o-mini", "openai/gpt-4o-mini", "gpt-5-mini", "openai/gpt-5", "o3-mini", "azure/gpt-4o-mini",
    "azure/eu/gpt-4o-2024-11-20", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5", "claude-haiku-4-5-20251001",
    "gemini/gemini-2.5-pro", "gemini/gemini-2.5-flash", "vertex_ai/gemini-2.5-flash", "vertex_ai/claude-haiku-4-5",
    "mistral/mistral-small-latest", "mistral/mistral-large-latest", "groq/openai/gpt-oss-120b",
    "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0", "bedrock/converse/amazon.nova-lite-v1:0",
    "us.anthropic.claude-haiku-4-5-20251001-v1:0", "xai/grok-4.3", "deepseek/deepseek-chat", "dashscope/qwen-flash",
    "ft:gpt-4o-mini-2024-07-18:my-org::id",
]  # fmt: skip

USAGES = {
    "plain": Usage(input_tokens=1200, output_tokens=80),
    "cached": Usage(input_tokens=3000, output_tokens=80, cached_tokens=2048),
    "written": Usage(input_tokens=3000, output_tokens=80, cached_tokens=512, cache_write_tokens=1024),
    "reasoning": Usage(input_tokens=1200, output_tokens=900, reasoning_tokens=800),
    "long": Usage(input_tokens=300_000, output_tokens=80),
}


@pytest.fixture(scope="module")
def litellm_costs():
    """litellm's own costs, from a process of its own: it is told only model names and token counts."""
    program = """
import datetime, json, os, sys
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm
from litellm.types.utils import CompletionTokensDetailsWrapper, PromptTokensDetailsWrapper, Usage
asked, costs = json.load(sys.stdin), {}
for model in asked["models"]:
    for name, used in asked["usages"].items():
        usage = Usage(
            prompt_tokens=used["input_tokens"], completion_tokens=used["output_tokens"],
            total_tokens=used["input_tokens"] + used["output_tokens"],
            prompt_tokens_details=PromptTokensDetailsWrapper(
                cached_tokens=used["cached_tokens"], cache_creation_tokens=used["cache_write_tokens"]),
            completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=used["reasoning_tokens"]),
            cache_creation_input_tokens=used["cache_write_tokens"], cache_read_input_tokens=used["cached_tokens"])
        try:
            costs[f"{model} {name}"] = sum(litellm.cost_per_token(model=model, usage_object=usage))
        except Exception as error:
            costs[f"{model} {name}"] = repr(error)[:200]
print(json.dumps(costs))
"""
    asked = {"models": KNOWN, "usages": {name: usage.model_dump() for name, usage in USAGES.items()}}
    ended = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    return json.loads(ended.stdout.strip().splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("model", KNOWN)
def test_costs_are_those_of_litellm(litellm_costs, model):
    price = listed_price(model)
    ours = {name: price.cost_usd(usage) for name, usage in USAGES.items()}
    assert ours == pytest.approx({name: litellm_costs[f"{model} {name}"] for name in USAGES}, rel=1e-9)
