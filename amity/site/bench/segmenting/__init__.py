"""Segments at a million people, and random lives that hold membership to a slow evaluator of the records."""
