"""Random histories of customers: what happens to them, and what colleagues decide about who is who."""
