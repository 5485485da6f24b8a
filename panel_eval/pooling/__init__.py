"""From votes to distributions: one per judge and one for the panel, smoothed as stated."""
