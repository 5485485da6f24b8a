"""The verdict as JUnit XML, which every CI system shows as a test report: one test case a check.

FAIL is a failure. NOT COMPARABLE, INCOMPLETE and INCONCLUSIVE are errors: the question could not be answered, and a
missing answer is no passing test. SKIPPED is skipped.

References:
    The elements and attributes that Jenkins' xunit plugin, GitLab and pytest's own junitxml agree on.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree

from panel_eval.report.printable import one_line, printable
from panel_eval.schema.gate_result import CheckStatus, GateCheck, GateResult

SUITE: Final = "panel-eval gate"
_ELEMENTS: Final[dict[CheckStatus, str]] = {
    "FAIL": "failure",
    "NOT COMPARABLE": "error",
    "INCOMPLETE": "error",
    "INCONCLUSIVE": "error",
    "SKIPPED": "skipped",
}
_COUNTED: Final = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit_xml(result: GateResult) -> str:
    """The document with its declaration and a line end. Characters that XML does not allow become U+FFFD."""
    counts = {"tests": str(len(result.checks)), **_counts(result)}
    root = ElementTree.Element("testsuites", {"name": SUITE, **counts, "time": "0"})
    stamp = result.at[:19]  # without its offset: some readers know no other form
    suite = ElementTree.SubElement(root, "testsuite", {"name": SUITE, **counts, "time": "0", "timestamp": stamp})
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(result).items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": one_line(value)})
    for check in result.checks:
        _case(suite, check)
    ElementTree.SubElement(suite, "system-out").text = printable(result.headline)
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _counts(result: GateResult) -> dict[str, str]:
    elements = [_ELEMENTS.get(check.status) for check in result.checks]
    return {name: str(elements.count(element)) for name, element in _COUNTED.items()}


def _properties(result: GateResult) -> dict[str, str]:
    return {
        "status": result.status,
        "exit_code": str(result.exit_code),
        "run": result.run_id,
        "baseline": "none" if result.baseline is None else result.baseline.run_id,
        "baseline_chosen": result.baseline_chosen,
    }


def _case(suite: ElementTree.Element, check: GateCheck) -> None:
    names = {"classname": f"panel_eval.gate.{check.kind}", "name": one_line(check.name), "time": "0"}
    case = ElementTree.SubElement(suite, "testcase", names)
    text = printable(f"{check.text}\nTo do: {check.fix}." if check.fix else check.text)
    element = _ELEMENTS.get(check.status)
    if element is None:
        ElementTree.SubElement(case, "system-out").text = text
        return
    attributes = {"message": one_line(check.text)}
    if element != "skipped":
        attributes["type"] = check.status
    ElementTree.SubElement(case, element, attributes).text = text
