"""Dated stories from the click to the report, with the arithmetic beside the number."""
