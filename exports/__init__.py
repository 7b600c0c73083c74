"""Columns and rows become CSV, XLSX and DOCX files. Nothing here knows a model, a query or a request.

The caller passes titles already translated, instants already in the distributor's zone and rows as tuples.
"""
