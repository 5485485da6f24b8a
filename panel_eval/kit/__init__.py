"""The files of a starting project, as `panel-eval init` writes them: read by `api/projects.py`, no code."""
