"""Pure functions on numpy arrays: divergences, proper scores, calibration, selective prediction, resampling.

Arrays are (n_items, n_labels), items first. Nothing here knows files, pydantic, pandas or logging.
"""
