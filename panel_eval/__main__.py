"""`python -m panel_eval` is `panel-eval`."""

from panel_eval.cli import main

main()
