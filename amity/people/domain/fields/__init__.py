"""Fields that a company makes for itself: what they are, and what a value of each kind is."""
