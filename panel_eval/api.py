"""The Python interface: load, run, score, evaluate, with the same power as the command line."""
