#!/bin/sh
# One night: ask the judges, hold the run against the last one that passed, look whether the panel has changed.
# Ends with the gate's code: 0 passed, 1 worse, 3 cannot be told, 4 not comparable, 5 votes are missing; or with 1 if
# the history raises an alarm.
set -eu
cd "$(dirname "$0")"
RESULTS="${RESULTS:-RESULTS_ROOT}"
rm -f gate.xml                  # of an earlier night

# A run that was cut short is gone on with: no vote is bought twice. Votes that failed are asked for once more; if they
# still are missing, the night ends here, and the next one goes on with the same run.
code=0
panel-eval run panel.yaml --results "$RESULTS" || code=$?
if [ "$code" -eq 5 ]; then
  code=0
  panel-eval run panel.yaml --results "$RESULTS" --retry-failed || code=$?
fi
[ "$code" -eq 0 ] || exit "$code"

panel-eval gate latest --results "$RESULTS" --junit gate.xml || code=$?

# The page shows every night, also those that did not pass.
changed=0
panel-eval history "$RESULTS" --html history.html --png history.png --check || changed=$?
[ "$code" -ne 0 ] || code=$changed
exit "$code"
