"""What rules say and did, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.retention.domain.verdicts import Verdict
from amity.retention.models import Kind, Rule
from amity.retention.segments_seen import still_words

__all__ = ["age_words", "rule_words", "still_words", "verdict_words"]


def verdict_words(verdict: str) -> str:
    """Why somebody was not erased."""
    words = {
        Verdict.LATER: _("Something about them is still being counted."),
        Verdict.LEFT: _("The segment does not hold of them any more."),
        Verdict.MERGED: _("They are part of somebody else now."),
        Verdict.HELD: _("A legal hold keeps this person."),
        Verdict.KEPT: _("A colleague keeps them."),
        Verdict.BOUGHT: _("An order of theirs has to be kept."),
        Verdict.CLOSED: _("A source that segments do not count tells of them."),
        Verdict.ASKED: _("Their erasure was asked for otherwise."),
        Verdict.OFF: _("The rule was turned off."),
    }
    return {one.value: told for one, told in words.items()}.get(verdict, "")


def age_words(rule: Rule) -> str:
    """How long until it goes: "30 days", "24 months", "3 years"."""
    if rule.kind == Kind.PEOPLE:
        days = rule.for_days or 0
        return ngettext("%(count)s day", "%(count)s days", days) % {"count": f"{days:,}"}
    months = rule.months or 0
    if months % 12:
        return ngettext("%(count)s month", "%(count)s months", months) % {"count": months}
    return ngettext("%(count)s year", "%(count)s years", months // 12) % {"count": months // 12}


def rule_words(rule: Rule, segment: str, source: str) -> str:
    """The rule as a sentence. `segment` and `source` are the names as the reader may know them."""
    if rule.kind == Kind.PEOPLE:
        if not rule.for_days:
            return _("People in “%(segment)s” are erased.") % {"segment": segment}
        return _("People who have been in “%(segment)s” for %(age)s are erased.") % {
            "segment": segment, "age": age_words(rule),
        }  # fmt: skip
    told = {"source": source, "age": age_words(rule)}
    if rule.kind == Kind.WORDS:
        if source:
            return _("Messages from %(source)s lose their words after %(age)s.") % told
        return _("Messages lose their words after %(age)s.") % told
    if source:
        return _("Raw items from %(source)s are removed after %(age)s.") % told
    return _("Raw items are removed after %(age)s.") % told
