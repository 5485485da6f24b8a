"""The check `exact`: texts that are the same up to what the policy says does not count."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from typing import Literal

from panel_eval.humans.adjudication.comparing import Compared, label_check
from panel_eval.humans.adjudication.findings import Checking, quoted
from panel_eval.schema.adjudication_policy import ExactCheck


def exact_check(policy: ExactCheck, labels: Sequence[str]) -> Checking:
    """The check of a policy.

    Args:
        policy: what is compared and what does not count.
        labels: of the rubric.
    """

    def compare(answer: str, reference: str) -> Compared:
        same = normal_form(answer, policy.ignore) == normal_form(reference, policy.ignore)
        says = "equals" if same else "is not"
        return Compared(same, f"{quoted(answer)} {says} the reference {quoted(reference)}")

    return label_check(policy, labels, compare)


def normal_form(text: str, ignore: Collection[str]) -> str:
    """The text such that two texts which differ only in what is ignored are equal.

    Args:
        text: any text.
        ignore: of `case` (Unicode case folding), `space` (runs of white space count as one, at the ends as none),
            `form` (NFKC in place of NFC).

    References:
        Unicode Standard Annex 15 (normalization forms); The Unicode Standard, 3.13, on caseless matching: folding
        may undo a normal form, so that it is made again.
    """
    form: Literal["NFC", "NFKC"] = "NFKC" if "form" in ignore else "NFC"
    found = unicodedata.normalize(form, text)
    if "case" in ignore:
        found = unicodedata.normalize(form, unicodedata.normalize("NFD", found).casefold())
    return " ".join(found.split()) if "space" in ignore else found
