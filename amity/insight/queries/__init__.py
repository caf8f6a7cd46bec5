"""Figures with the records that they are computed from, and what Today is made of."""
