"""Adjudication: which items get one label beside their distribution, on which ground, and in which words.

Votes are never touched: `edited_line` puts a label and its reason into a record and leaves every other byte.
"""
