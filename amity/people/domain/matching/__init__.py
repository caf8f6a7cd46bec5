"""Matching: which records tell of one person, from what they say, with evidence in bits. Plain Python and numpy.

Records are prepared (`records`), compared by topic (`topics`), scored with weights that the installation's own records
taught (`training`, `model`), found through keys (`keys`) and joined into persons (`clustering`).
"""
