"""Uploaded spreadsheets become typed rows, within limits. Nothing here knows a model, a query or a request.

What is wrong is said as a Sentence, which a presenter translates.
"""
