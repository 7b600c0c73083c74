"""The screens: each shows the answer of one query or hands one form to one operation, and renders a template."""
