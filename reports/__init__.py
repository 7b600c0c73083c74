"""The two reports as tables and as explanations: what queries/ reads, in the shape that screens and files show.

No SQL, no request, no file format.
"""
