"""What every operation of the public interface stands on: tokens, limits, pages, versions, answers that are kept."""
