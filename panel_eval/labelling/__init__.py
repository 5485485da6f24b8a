"""Collecting labels from a few experts: a page on this machine, its log, and the label file that comes out.

The log is the truth (`log`, `answers`); the label file follows from it (`contract`); the server (`server`, `guard`,
`links`) lets each reviewer see their own answers only; `page/` is what the browser gets.
"""

from panel_eval.labelling.answers import Answers
from panel_eval.labelling.contract import LabelFile, holds_others_labels
from panel_eval.labelling.items import holds_labels, labelled_study_items, unlabelled_study_items
from panel_eval.labelling.log import read_log
from panel_eval.labelling.names import reviewer_names
from panel_eval.labelling.opening import opening
from panel_eval.labelling.progress import QUICK_S, ReviewerProgress, StudyProgress, study_progress
from panel_eval.labelling.running import LabellingServer, start_server
from panel_eval.labelling.study import Study, StudyItem

__all__ = [
    "QUICK_S", "Answers", "LabelFile", "LabellingServer", "ReviewerProgress", "Study", "StudyItem", "StudyProgress",
    "holds_labels", "holds_others_labels", "labelled_study_items", "opening", "read_log", "reviewer_names",
    "start_server", "study_progress", "unlabelled_study_items",
]  # fmt: skip
