"""The human side: soft labels loaded and validated, rubrics, disagreement classes."""
