"""What the numbers of each section mean that are no metrics of the glossary, and where to read more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SectionWords:
    """The words of one section.

    Attributes:
        section: its anchor.
        title: heading above them.
        meanings: each number as its table names it, and what it means.
        pages: of the documentation, below docs/.
    """

    section: str
    title: str
    meanings: tuple[tuple[str, str], ...]
    pages: tuple[str, ...]


SECTION_WORDS = (
    SectionWords(
        "results",
        "Results",
        (
            (
                "people it is worth, by cross-entropy",
                "The same question as the human-equivalent panel size, with errors weighed by cross-entropy.",
            ),
            (
                "standard error",
                "How far a mean over as many other items of the kind would typically lie from it.",
            ),
            (
                "items it amounts to",
                "Independent items that would tell as much, where items come in clusters.",
            ),
            (
                "over other reviewers too",
                "An interval as if other people had labelled other items.",
            ),
        ),
        (
            "metrics/human-equivalent.md",
            "metrics/floors-and-ceilings.md",
            "metrics/intervals.md",
        ),
    ),
    SectionWords(
        "classes",
        "Classes",
        (
            (
                "class if everyone were asked",
                "An item's class by the shares that an unlimited number of reviewers would give, by a model "
                "of the votes: each item counts in every class as far as it may belong there.",
            ),
        ),
        (
            "metrics/classes.md",
            "metrics/kl.md",
            "metrics/proper-scores.md",
            "metrics/distances.md",
        ),
    ),
    SectionWords(
        "calibration",
        "Calibration",
        (
            (
                "if calibrated",
                "Where the share of reviewers would fall, with as few items and reviewers, if the panel were "
                "as sure as the reviewers are many.",
            ),
            (
                "what recalibration would take off",
                "Bits that mapping the panel's shares to better ones, the same map for all items, would save.",
            ),
            (
                "what only better judges would take off",
                "The rest of the avoidable bits: no map tells items apart that the panel does not.",
            ),
            (
                "within and between the judges",
                "What a judge is unsure of by itself, and what judges contradict each other on.",
            ),
            (
                "mean mass on each label",
                "The mean over items of the reviewers' shares and of the panel's.",
            ),
        ),
        (
            "metrics/calibration.md",
            "metrics/entropy.md",
            "metrics/spread.md",
        ),
    ),
    SectionWords(
        "deferral",
        "Deferral",
        (
            (
                "risk",
                "Share of reviewers who chose another label than the panel's top label, on the items it keeps.",
            ),
            (
                "risk, fresh reviewers",
                "The same if the items were kept on which so many newly asked people differ least.",
            ),
            (
                "risk, best order",
                "The least that any order of the items could reach with the panel's labels.",
            ),
            (
                "AUROC",
                "Chance that a disputed item ranks above a clear one; 0.5 is luck.",
            ),
            (
                "panel's alignment",
                "The panel's AUROC beyond luck as a part of that of so many people; 1 is as good.",
            ),
            (
                "wasted, missed",
                "Clear items among those handed over; disputed ones among those decided.",
            ),
        ),
        (
            "metrics/deferral.md",
            "deferral-policy.md",
        ),
    ),
    SectionWords(
        "judges",
        "Judges",
        (
            (
                "Krippendorff's alpha",
                "Agreement beyond what labels dealt at random would show; 1 is full agreement.",
            ),
            (
                "normalised",
                "Alpha of judges with people, divided by the geometric mean of that within each.",
            ),
            (
                "kappa",
                "Agreement beyond what two raters with these habits would show by luck.",
            ),
            (
                "Gwet's AC1",
                "The same with another idea of luck, which one prevailing label does not upset.",
            ),
            (
                "independent judges it amounts to",
                "Judges with unrelated errors whose mean would err as little.",
            ),
            (
                "winning rate, advantage",
                "Share of reviewers whom the judge represents the others at least as well as; the chance that"
                " it does, over items.",
            ),
        ),
        (
            "metrics/agreement.md",
            "economics.md",
        ),
    ),
    SectionWords(
        "votes",
        "Votes",
        (
            (
                "at worst, at best",
                "The score if every missing vote had been as bad, or as good, as it could be.",
            ),
        ),
        (
            "metrics/missing-votes.md",
            "costs.md",
        ),
    ),
    SectionWords(
        "people",
        "Labels",
        (
            (
                "reliability of an item's shares",
                "How far as many other reviewers of the same kind would give the same shares; 0 is not at "
                "all, 1 exactly.",
            ),
            (
                "reliability of how much they disagree",
                "How far one half of the reviewers disputes the items that the other half does.",
            ),
            (
                "Gwet's AC2",
                "AC1 for ordered labels: neighbouring ones count as partly agreed.",
            ),
            (
                "agrees, expected, difference",
                "How often the reviewer and another one chose the same label; how often the others of these "
                "items did among themselves; the first less the second.",
            ),
            (
                "adjusted p",
                "Chance of such a difference by luck, raised for the number of reviewers tested.",
            ),
            (
                "steps above others",
                "Mean steps on the scale that the reviewer stands above the others.",
            ),
            (
                "confidence tells",
                "Chance that the reviewer was surer of a vote the others share than of one they do not; 0.5 "
                "says nothing.",
            ),
            (
                "against the threshold",
                "Whether the lower end of the pass rate's interval reaches it.",
            ),
            (
                "score, chance of error, shares move by",
                "The product puts items in order: a model's chance that a vote is a slip, times how far the "
                "item's shares move without it.",
            ),
        ),
        (
            "label-quality.md",
            "qa.md",
        ),
    ),
    SectionWords(
        "reasons",
        "Reasons",
        (
            (
                "share, by diagnosis",
                "Items on which the reviewers' votes and confidences and the judges' answers tell this; the "
                "interval is Wilson's.",
            ),
            (
                "mentioned",
                "Share of the terms of a reviewer's evidence, rare ones counting more, that a judge's "
                "rationale of the same item holds.",
            ),
            (
                "by chance",
                "The same with rationales of other items that got the same label.",
            ),
            (
                "beyond chance",
                "The part of the way from chance to all of it; 0 is chance.",
            ),
            (
                "panel gives the label",
                "The panel's mass on the label that the reviewer chose.",
            ),
        ),
        (
            "explain.md",
            "rationales.md",
            "disagreement.md",
        ),
    ),
    SectionWords(
        "improve",
        "Improve",
        (
            (
                "lost without it",
                "What the fitted panel loses if only this judge goes.",
            ),
            (
                "Shapley value",
                "The judge's fair part of what all judges take off the base rate's cross-entropy.",
            ),
            (
                "risk promised, risk there",
                "What the threshold was chosen to keep to on calibration items, and what it kept to on items "
                "set apart.",
            ),
            (
                "reviewers' labels in it",
                "How often a set of labels holds the label that a reviewer chose.",
            ),
            (
                "chance to disagree",
                "How often two votes on one item differ, split by what differs between them.",
            ),
        ),
        (
            "fitting.md",
            "learning-curve.md",
            "economics.md",
            "why-unsure.md",
            "deferral-policy.md",
        ),
    ),
)


def words_of(sections: frozenset[str]) -> tuple[SectionWords, ...]:
    """The words of the sections that a page has, in the page's order."""
    return tuple(words for words in SECTION_WORDS if words.section in sections)
