"""What the inbox shows: lists and their counts, the talk itself, and whom one talks with."""
