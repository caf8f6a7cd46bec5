"""Fields, problems and dimensions in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.quality.domain.fields import RECORD, Field, Problem
from amity.quality.domain.scoring import Dimension
from amity.quality.queries.known import EVERYTHING, Scope

PROBLEMS: Mapping[Problem, Any] = {
    Problem.MISSING: gettext_lazy("missing"),
    Problem.INVALID: gettext_lazy("not valid"),
    Problem.SHARED: gettext_lazy("the same for several people"),
    Problem.STALE: gettext_lazy("not confirmed for long"),
    Problem.CONFLICT: gettext_lazy("contradictory"),
}
DIMENSIONS: Mapping[Dimension, Any] = {
    Dimension.COMPLETENESS: pgettext_lazy("data quality", "Complete"),
    Dimension.VALIDITY: pgettext_lazy("data quality", "Valid"),
    Dimension.UNIQUENESS: pgettext_lazy("data quality", "Unique"),
    Dimension.FRESHNESS: pgettext_lazy("data quality", "Fresh"),
    Dimension.CONSISTENCY: pgettext_lazy("data quality", "Consistent"),
}
FORMULAS: Mapping[Dimension, Any] = {
    Dimension.COMPLETENESS: gettext_lazy("People who have a value, of all people."),
    Dimension.VALIDITY: gettext_lazy(
        "Values that pass the rule of the field, of all values; a mail address also has to reach somebody."
    ),
    Dimension.UNIQUENESS: gettext_lazy(
        "Values that nobody else has, of all values; records that do not wait among the duplicates, of all."
    ),
    Dimension.FRESHNESS: gettext_lazy(
        "Values that a source gave or confirmed in time, of all values; addresses also where they wrote to us."
    ),
    Dimension.CONSISTENCY: gettext_lazy(
        "Values in which sources agree, or that a colleague chose, of all values. A number also has to be of the "
        "country, and a name in letters of the language."
    ),
}
REASONS: Mapping[str, Any] = {
    "placeholder": gettext_lazy("stands for nothing"),
    "blanks": gettext_lazy("stray blanks"),
    "no_letters": gettext_lazy("has no letter"),
    "syntax": gettext_lazy("is not written as such a value is"),
    "mistyped": gettext_lazy("the provider is mistyped"),
    "unreachable": gettext_lazy("mails come back"),
    "not_international": gettext_lazy("has no country code"),
    "impossible": gettext_lazy("has the wrong length for its country"),
    "unknown": gettext_lazy("is not known"),
    "implausible": gettext_lazy("cannot be so"),
}


def scope_name(scope: Scope) -> str:
    """What a scope is called."""
    return _("all sources") if scope == EVERYTHING else scope.name


def finding_label(field: Field, problem: Problem, scope: Scope) -> str:
    """What is so of the people of a list, such as "Phone missing, Shop"."""
    if field.key == RECORD:
        return _("Maybe there twice")
    told = f"{field.label}: {PROBLEMS[problem]}"
    return told if scope == EVERYTHING else f"{told} ({scope_name(scope)})"
