"""The demo company: Tamp & Co, a small maker of espresso grinders, invented in full.

Everything here is a pure function of (`now`, `seed`): the same arguments give the same bytes, on every machine.
No clock, no database, no Django. All addresses lie in reserved name spaces (`*.example`, numbers for fiction).
"""

from amity.site.demo.company import Colleague, Company, Product, Team, company
from amity.site.demo.history import assignments, duplicates, promises, records
from amity.site.demo.live import live
from amity.site.demo.outcome import Assignment

__all__ = [
    "Assignment",
    "Colleague",
    "Company",
    "Product",
    "Team",
    "assignments",
    "company",
    "duplicates",
    "live",
    "promises",
    "records",
]
