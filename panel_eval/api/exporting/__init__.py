"""Soft-label training files: what people, or a panel in their place, said of each item, as trainers take it."""

from panel_eval.api.exporting.exporting import ExportResult, export, export_rows
from panel_eval.api.exporting.options import ExportOptions
from panel_eval.api.exporting.pairs import Preference

__all__ = ["ExportOptions", "ExportResult", "Preference", "export", "export_rows"]
