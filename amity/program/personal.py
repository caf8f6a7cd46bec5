"""Objectives are of the company, not of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "program_objective", Fate.COLLEAGUES,
    "id name figure_key baseline target cost_amount cost_currency next_decision_on position created_at changed_at",
    next_decision=Holds.COLLEAGUE, created_by_id=Holds.COLLEAGUE, owner_id=Holds.COLLEAGUE,
)  # fmt: skip
