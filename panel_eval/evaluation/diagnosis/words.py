"""What each kind of item means and what to do with it: the only place where that is written."""

from __future__ import annotations

from typing import Final

from panel_eval.schema.diagnosis import DiagnosisName, HumanQuadrant, HumanSplit, JudgeQuadrant

Words = tuple[str, str | None]
"""Meaning and advice, a sentence each."""

QUADRANT_WORDS: Final[dict[HumanQuadrant, Words]] = {
    "genuine_ambiguity": (
        "The reviewers split, and they are surer than usual: more than one answer is defensible.",
        "Keep the soft label; do not adjudicate.",
    ),
    "rubric_problem": (
        "The reviewers split, and they are less sure than usual: often the rubric or context leaves them alone.",
        "Sharpen the rubric or add context, then have these items reviewed again.",
    ),
    "fragile_consensus": (
        "The reviewers agree, but they are less sure than usual.",
        "Spot-check some of them before relying on the label.",
    ),
    "clear": (
        "The reviewers agree, and they are surer than usual.",
        "Take them as candidates for gold items.",
    ),
    "indeterminate": (
        "Too close to a cut-off, or labelled by a single reviewer: the item is on neither side.",
        "Ask another reviewer where it matters.",
    ),
    "no_confidence": (
        "The file states no confidence for the item, so only the votes can speak.",
        "Record each reviewer's confidence: it tells honest ambiguity from an unclear rubric.",
    ),
}

SPLIT_WORDS: Final[dict[HumanSplit, Words]] = {
    "split": ("The reviewers are more split than two to one.", None),
    "agreed": ("The reviewers are less split than two to one.", None),
    "between": ("The votes are too close to a split of two to one, or only one reviewer was asked.", None),
}

JUDGE_WORDS: Final[dict[JudgeQuadrant, Words]] = {
    "judges_agree": (
        "Each judge leans to one label, and the judges lean alike.",
        "The panel can decide, as far as it has been found right on such items.",
    ),
    "judges_unsure": (
        "Each judge spreads over several labels by itself, and the judges do so alike.",
        "Report the distribution; one more judge of the kind would spread as well.",
    ),
    "judges_contradict": (
        "The judges contradict one another more than their own doubt explains.",
        "Hand the item to a person, and look at which judge stands apart.",
    ),
    "no_forecast": ("No judge gave a usable answer.", "Look at the outcomes of the votes, then ask again."),
}

DIAGNOSIS_WORDS: Final[dict[DiagnosisName, Words]] = {
    "genuine_ambiguity": (
        "The reviewers split and are surer than usual, and the judges' answers spread too: more than one answer is "
        "defensible, and the panel shows it.",
        "Keep the soft label and report the panel's distribution; do not adjudicate.",
    ),
    "ambiguity_missed": (
        "The reviewers split and are surer than usual, but the judges agree on one label: the panel is too sure.",
        "Keep the soft label; have a person decide, or fit the panel to soft labels.",
    ),
    "rubric_problem": (
        "The reviewers split and are less sure than usual: often the rubric or the context leaves them alone.",
        "Sharpen the rubric or add context and review again before blaming the judges.",
    ),
    "split_unexplained": (
        "The reviewers split and so do the judges' answers; confidences do not tell why the reviewers split.",
        "Keep the soft label; ask the reviewers how sure they are before changing rubric or panel.",
    ),
    "split_missed": (
        "The reviewers split, but the judges agree on one label: the panel is surer than the people. Confidences "
        "do not tell why the reviewers split.",
        "Do not let the panel decide these alone; fit it to soft labels, or add a judge of another kind.",
    ),
    "judge_confusion": (
        "The reviewers agree, but the judges contradict one another.",
        "Hand the item to a person; look at which judge stands apart, and give the rubric an anchor for the case.",
    ),
    "judges_confidently_wrong": (
        "The reviewers agree, and the judges agree on another label.",
        "Read these first: no measure of doubt finds them. Look for what judges overlook, or for wrong labels.",
    ),
    "needless_doubt": (
        "The reviewers agree, but each judge spreads over several labels by itself.",
        "Give the prompt the definition or example that settles the case; until then let people decide.",
    ),
    "fragile_consensus": (
        "The reviewers agree, but they are less sure than usual, so the label itself is in doubt.",
        "Spot-check the label before holding it against the judges.",
    ),
    "clear": (
        "The reviewers agree, surer than usual, and the judges give the same label.",
        "Nothing to do; such items are candidates for gold items.",
    ),
    "agreed": (
        "The reviewers agree and the judges give the same label; confidences are not stated or as usual.",
        "Nothing to do.",
    ),
    "indeterminate": (
        "The votes are too close to a split of two to one, or a single reviewer was asked: people neither agree "
        "nor split.",
        "Ask another reviewer where it matters.",
    ),
    "no_forecast": ("No judge gave a usable answer.", "Look at the outcomes of the votes, then ask again."),
}
