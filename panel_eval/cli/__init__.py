"""The command line: one module per command group; prints and sets exit codes, computes nothing."""
