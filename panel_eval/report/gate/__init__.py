"""The verdict of a gate in the forms that people and CI systems read. Reads results only.

`print_gate` prints it, `gate_text` is the same as plain text, `chat_line` one line, `markdown_summary` what a CI
job shows, `junit_xml` a test report, `github_annotations` what a GitHub job shows beside its log.
"""

from panel_eval.report.gate.annotations import github_annotations, without_commands
from panel_eval.report.gate.chat import chat_line
from panel_eval.report.gate.junit import junit_xml
from panel_eval.report.gate.summary import markdown_summary
from panel_eval.report.gate.terminal import gate_text, print_gate

__all__ = [
    "chat_line",
    "gate_text",
    "github_annotations",
    "junit_xml",
    "markdown_summary",
    "print_gate",
    "without_commands",
]
