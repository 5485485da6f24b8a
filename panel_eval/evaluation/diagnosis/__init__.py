"""Why people and judges differ: how split and sure the reviewers are, where the judges' spread comes from."""

from panel_eval.evaluation.diagnosis.people import PeopleSide, human_quadrants
from panel_eval.evaluation.diagnosis.section import ItemDiagnoses, diagnosis_section

__all__ = ["ItemDiagnoses", "PeopleSide", "diagnosis_section", "human_quadrants"]
