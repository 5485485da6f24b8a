"""What people see: the summary in the terminal and the self-contained HTML report. Reads results only."""
