"""Text and marks stand out from the paper, in light and in dark mode, and marks are told apart without colour."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from constructed import LABELS
from drawn_figures import every_figure, legend_looks

from panel_eval.report.palette import PAGE, VARIABLES, picture_palette
from panel_eval.schema import OUTCOMES, Coverage

CSS = resources.files("panel_eval.report").joinpath("templates/style.css").read_text(encoding="utf-8")
TEXTS = ("ink", "muted")
MARKS = ("panel", "human", "floor", "base", "hard", "good", "bad", "muted")


def variables(css: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", css))


LIGHT = variables(CSS[: CSS.index("@media")])
DARK = variables(CSS[CSS.index("prefers-color-scheme: dark") : CSS.index("* {")])
MODES = pytest.mark.parametrize("mode", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def blend(colour: str, paper: str, opacity: float) -> str:
    mixed = [
        round(opacity * int(colour[at : at + 2], 16) + (1 - opacity) * int(paper[at : at + 2], 16))
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def test_contrast_by_the_standards_own_examples() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the best known near miss


@MODES
def test_text_and_marks_stand_out_from_the_paper(mode: dict[str, str]) -> None:
    for name in TEXTS:
        assert contrast(mode[name], mode["paper"]) >= 4.5, name
    for name in MARKS:
        assert contrast(mode[name], mode["paper"]) >= 3, name


@MODES
def test_numbers_on_the_darkest_shade_of_the_agreement_matrix_can_be_read(mode: dict[str, str]) -> None:
    assert contrast(mode["ink"], blend(mode["panel"], mode["paper"], 0.5)) >= 4.5


def test_a_picture_has_the_colours_of_the_light_page_on_white() -> None:
    palette = vars(picture_palette())
    assert {name: colour for name, colour in palette.items() if name != "paper"} == {
        name: LIGHT[name] for name in palette if name != "paper"
    }
    for name in MARKS:
        assert contrast(palette[name], "#ffffff") >= 3, name


def test_each_placeholder_is_a_variable_of_the_page_in_both_modes() -> None:
    assert len(VARIABLES) == len(vars(PAGE))
    assert {name for variable in VARIABLES.values() for name in re.findall(r"--(\w+)", variable)} <= set(
        LIGHT
    ) & set(DARK)


def test_text_is_in_a_colour_for_text() -> None:
    allowed = {"var(--ink)", "var(--muted)", ""}
    for figure in every_figure(("ada", "bo"), LABELS):
        for element in re.findall(r"<text [^>]*>", figure.svg):
            fill = re.search(r"fill: (var\(--\w+\))", element)
            assert (fill.group(1) if fill else "") in allowed, figure.name


def test_entries_of_a_legend_differ_in_shape_or_dash_or_pattern() -> None:
    seen = dict.fromkeys(OUTCOMES, 1)
    coverage = Coverage(total=seen, by_judge={"ada": seen, "bo": seen}, by_class={})
    for figure in every_figure(("ada", "bo"), LABELS, coverage=coverage):
        looks = legend_looks(figure)
        assert len(looks) == len(set(looks)), figure.name
