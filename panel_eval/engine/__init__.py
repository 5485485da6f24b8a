"""Asking a panel: the plan, concurrency and retries, the vote journal, the run directory."""
