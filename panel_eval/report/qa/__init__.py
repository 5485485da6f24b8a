"""The QA document: whether a delivery of soft labels is sound, set as a PDF with Typst.

Results become plain records here (`qa_document`), and `qa.typ` sets them (`typeset`). No text from data is ever
read as markup: it reaches the typesetter as JSON.
"""

from panel_eval.report.qa.contents import qa_document
from panel_eval.report.qa.typesetting import require_typesetter, typeset
from panel_eval.report.qa.view import PanelSide, QaView, Source

__all__ = ["PanelSide", "QaView", "Source", "qa_document", "require_typesetter", "typeset"]
