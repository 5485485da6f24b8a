"""The words of a history's page, once, for a reader without statistics."""

from __future__ import annotations

WATCHING_TEXTS: dict[str, str] = {
    "stream": "Nights that can be compared: one panel, one task, one instrument (judges, prompts, rubric, pooling, "
    "models that answered). When the instrument changes, a new stream begins; panel-eval compare tells what the "
    "change did.",
    "items asked again": "Canary items. The people's votes and the items stay, so a difference between "
    "nights is the judges' doing: their sampling, or a model that changed behind its name.",
    "new items": "Fresh items. A night may be worse because its items are harder; only what is more "
    "than that counts as evidence.",
    "confidence sequence": "A 95% interval that is right on all nights at once with a chance of 95%. It is wider "
    "than the interval of one night: the price of looking every night.",
    "evidence": "An e-value: what a fair bet against “nothing has changed” has made of one coin. 1 says nothing. "
    "At the alarm line there is an alarm: a stream in which nothing changes ever gets there with a chance of "
    "at most 5%, however often one looks.",
    "alarm": "The night at which the evidence passed the line. The change itself most likely began earlier.",
    "gate": "PASS: may replace its baseline. FAIL: shown to be worse, or over a limit. INCONCLUSIVE: cannot "
    "tell from these items. NOT COMPARABLE: data, labels, rubric or judges differ. INCOMPLETE: too much is "
    "missing.",
}
