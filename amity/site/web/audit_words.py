"""The trail in words: what was done, to what kind of record, and which of its fields went from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.kernel.actor import Role
from amity.site.trail import Line
from amity.site.trail_names import Names
from amity.site.web.audit_parts import PARTS, differing, in_a_line

CHANGES: Mapping[str, Promise] = {
    "added": gettext_lazy("added"),
    "changed": gettext_lazy("changed"),
    "removed": gettext_lazy("removed"),
}
ACTIONS: Mapping[str, Promise] = {
    **CHANGES,
    "account.changed": pgettext_lazy("trail", "changed an account"),
    "account.closed": pgettext_lazy("trail", "closed an account"),
    "account.invitation_taken_back": pgettext_lazy("trail", "took an invitation back"),
    "account.invited": pgettext_lazy("trail", "invited somebody"),
    "account.made": pgettext_lazy("trail", "made an account"),
    "account.opened": pgettext_lazy("trail", "opened an account again"),
    "address.asked": pgettext_lazy("trail", "asked for another e-mail address"),
    "address.confirmed": pgettext_lazy("trail", "confirmed an e-mail address"),
    "api_token.shown": pgettext_lazy("trail", "was shown a new API token"),
    "backup.asked": pgettext_lazy("trail", "asked for a backup"),
    "backup.made": pgettext_lazy("trail", "made a backup"),
    "backup.restored": pgettext_lazy("trail", "restored a backup"),
    "export.made": pgettext_lazy("trail", "took an export"),
    "factor.added": pgettext_lazy("trail", "added a second factor"),
    "factor.codes_made": pgettext_lazy("trail", "made recovery codes"),
    "factor.removed": pgettext_lazy("trail", "removed a second factor"),
    "factor.reset": pgettext_lazy("trail", "took the second factors away"),
    "import.replayed": pgettext_lazy("trail", "read again what an import left out"),
    "import.undone": pgettext_lazy("trail", "took an import back"),
    "import.worked_on": pgettext_lazy("trail", "worked on an import"),
    "mailbox.replayed": pgettext_lazy("trail", "read again what a mailbox left out"),
    "password.changed": pgettext_lazy("trail", "changed a password"),
    "password.link_made": pgettext_lazy("trail", "made a link for a new password"),
    "password.link_sent": pgettext_lazy("trail", "mailed a link for a new password"),
    "password.reset": pgettext_lazy("trail", "set a new password by link"),
    "note.changed": pgettext_lazy("trail", "changed a note of theirs"),
    "note.removed": pgettext_lazy("trail", "removed a note of theirs"),
    "note.restored": pgettext_lazy("trail", "put back a note of theirs"),
    "note.written": pgettext_lazy("trail", "wrote a note"),
    "person.corrected": pgettext_lazy("trail", "put a value right"),
    "person.correction_withdrawn": pgettext_lazy("trail", "took back what was put right"),
    "people.bulk": pgettext_lazy("trail", "wrote many people at once"),
    "security.second_factor_roles": pgettext_lazy("trail", "decided who needs a second factor"),
    "security.single_sign_on": pgettext_lazy("trail", "changed single sign-on"),
    "hold.placed": pgettext_lazy("trail", "placed a legal hold"),
    "hold.released": pgettext_lazy("trail", "released a legal hold"),
    "retention.kept": pgettext_lazy("trail", "kept somebody from a retention rule"),
    "retention.worked": pgettext_lazy("trail", "let go of what a retention rule says"),
    "sensitive.read": pgettext_lazy("trail", "read sensitive fields"),
    "sign_in": pgettext_lazy("trail", "signed in"),
    "sign_in.failed": pgettext_lazy("trail", "did not get in: wrong password"),
    "sign_in.passkey_refused": pgettext_lazy("trail", "did not get in: passkey refused"),
    "sign_in.second_factor_failed": pgettext_lazy("trail", "did not get in: wrong second factor"),
    "sign_in_as.began": pgettext_lazy("trail", "signed in as a colleague"),
    "sign_in_as.ended": pgettext_lazy("trail", "stopped being a colleague"),
    "sign_out": pgettext_lazy("trail", "signed out"),
    "sso.linked": pgettext_lazy("trail", "linked single sign-on"),
    "sso.refused": pgettext_lazy("trail", "did not get in: single sign-on refused"),
    "sso.unlinked": pgettext_lazy("trail", "unlinked single sign-on"),
    "webhook.received": pgettext_lazy("trail", "sent something in"),
    "webhook.secret_shown": pgettext_lazy("trail", "was shown the secret of a webhook"),
}
"""What stands in the trail as a word of the machine. One that is not here is shown as it is."""

SUBJECTS: Mapping[str, Promise] = {
    "account": gettext_lazy("Channel"),
    "accountlink": gettext_lazy("Link of an account"),
    "api_token": gettext_lazy("API token"),
    "apitoken": gettext_lazy("API token"),
    "audit": gettext_lazy("Audit"),
    "conversation": gettext_lazy("Conversation"),
    "customfield": gettext_lazy("Field"),
    "endpoint": gettext_lazy("Webhook"),
    "fact": gettext_lazy("Fact about somebody"),
    "identity": gettext_lazy("Identity"),
    "household": gettext_lazy("Household"),
    "importrun": gettext_lazy("Import"),
    "inlet": gettext_lazy("Address for webhooks"),
    "keep": gettext_lazy("Somebody kept from a retention rule"),
    "legalhold": gettext_lazy("Legal hold"),
    "link": gettext_lazy("Link of an identity"),
    "objective": gettext_lazy("Objective"),
    "order": gettext_lazy("Order"),
    "organisation": gettext_lazy("Organisation"),
    "outboundmessage": gettext_lazy("Message of ours"),
    "person": gettext_lazy("Person"),
    "product": gettext_lazy("Product"),
    "promise": gettext_lazy("Promise"),
    "purpose": gettext_lazy("Purpose"),
    "rule": gettext_lazy("Retention rule"),
    "savedmapping": gettext_lazy("Saved mapping"),
    "savedview": gettext_lazy("Saved view"),
    "segment": gettext_lazy("Segment"),
    "shownrules": gettext_lazy("Which value is shown"),
    "singlesignon": gettext_lazy("Single sign-on"),
    "source": gettext_lazy("Source"),
    "staff": gettext_lazy("Colleague"),
    "statement": gettext_lazy("What somebody agreed to or refused"),
    "team": gettext_lazy("Team"),
    "tierchoice": gettext_lazy("Tier by hand"),
    "wording": gettext_lazy("Wording of a consent"),
    "workspacesetting": gettext_lazy("Setting"),
}

FIELDS: Mapping[str, Promise] = {
    "address": gettext_lazy("Address"),
    "amount": gettext_lazy("Amount"),
    "assignee_id": gettext_lazy("Assigned to"),
    "buyer_id": gettext_lazy("Buyer"),
    "city": gettext_lazy("City"),
    "closed_at": gettext_lazy("Closed"),
    "country": gettext_lazy("Country"),
    "created_at": gettext_lazy("Made"),
    "created_by_id": gettext_lazy("Made by"),
    "customer_id": gettext_lazy("Customer"),
    "description": gettext_lazy("Description"),
    "due_at": gettext_lazy("Due"),
    "email": gettext_lazy("E-mail"),
    "expires_at": gettext_lazy("Ends"),
    "fields": gettext_lazy("Fields"),
    "filename": gettext_lazy("File"),
    "files": gettext_lazy("Files"),
    "filters": gettext_lazy("Filters"),
    "format": gettext_lazy("Format"),
    "is_active": gettext_lazy("May sign in"),
    "is_on": gettext_lazy("Switched on"),
    "is_shared": gettext_lazy("Shared"),
    "job_title": gettext_lazy("Job title"),
    "joined_at": gettext_lazy("Here since"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "made_by_id": gettext_lazy("Made by"),
    "name": gettext_lazy("Name"),
    "off_why": gettext_lazy("Switched off why"),
    "opened_at": gettext_lazy("Opened"),
    "organisation_id": gettext_lazy("Organisation"),
    "owner_id": gettext_lazy("Belongs to"),
    "person_id": gettext_lazy("Person"),
    "role": gettext_lazy("Role"),
    "rows": gettext_lazy("Rows"),
    "scopes": gettext_lazy("What it may do"),
    "size_bytes": gettext_lazy("Size in bytes"),
    "snoozed_until": gettext_lazy("Put off until"),
    "source_id": gettext_lazy("Source"),
    "staff_id": gettext_lazy("Colleague"),
    "state": gettext_lazy("State"),
    "status": gettext_lazy("State"),
    "subject": gettext_lazy("Subject"),
    "team_id": gettext_lazy("Team"),
    "teams": gettext_lazy("Teams"),
    "theme": gettext_lazy("Theme"),
    "time_zone": gettext_lazy("Time zone"),
    "types": gettext_lazy("Kinds of events"),
    "url": gettext_lazy("Address"),
    "user_id": gettext_lazy("Colleague"),
    "value": gettext_lazy("Value"),
    "what": gettext_lazy("What"),
}
"""Fields by their column. One that is not here is shown with spaces for its underscores."""
SAID_BY_OTHERS = frozenset({"id", "key", "created_at", "created_by_id", "made_at", "made_by_id", "joined_at"})
"""Fields that say in a list only what the line says anyway."""
KEPT_OUT = "(kept out)"
"""What stands in the trail for a secret."""


@dataclass(frozen=True, slots=True)
class Change:
    """A field in words, what it was and what it is; `code` is what programs call it. "" where there was nothing."""

    code: str
    label: str
    old: str
    new: str


def who(line: Line) -> str:
    """Whose deed it was. What came in from outside before anybody was signed in was nobody's, and not Amity's."""
    entry = line.entry
    is_outside = entry.actor_id is None and entry.via in ("page", "api")
    return _("Somebody outside") if is_outside else entry.actor_name or _("Nobody signed in")


def action_words(action: str) -> str:
    """An action by its code."""
    return str(ACTIONS.get(action, action))


def done_words(line: Line) -> str:
    """What was done. A row that only says something about the record (a team of a colleague) changed the record."""
    entry = line.entry
    row_id = line.after.get("id", line.before.get("id"))
    is_of_another = entry.action in CHANGES and row_id is not None and str(row_id) != entry.subject_id
    return action_words("changed" if is_of_another else entry.action)


def subject_words(subject: str) -> str:
    """A kind of record."""
    return str(SUBJECTS.get(subject, subject))


def called(line: Line, names: Names) -> str:
    """What the record of an entry is called; a setting of the workspace is called by its key."""
    if line.entry.subject == "workspacesetting":
        return line.entry.subject_id.replace("_", " ")
    return "" if line.is_withheld else names.of(line.entry.subject, line.entry.subject_id)


def field_words(code: str) -> str:
    """A field by its column."""
    known = FIELDS.get(code) or PARTS.get(code)
    return str(known) if known else code.removesuffix("_id").replace("_", " ").capitalize()


def changes(line: Line, names: Names) -> list[Change]:
    """Every field of an entry in words, with names for ids; of one that has parts those that changed."""
    subject = line.entry.subject
    return [
        Change(
            ".".join(path),
            " › ".join(field_words(key) for key in path),
            names.pointed_at(subject, path[-1], was) or value_words(path[-1], was),
            names.pointed_at(subject, path[-1], now) or value_words(path[-1], now),
        )
        for code, old, new in line.changes()
        for path, was, now in (
            differing((code,), old, new) if _has_parts(old, new) else [((code,), old, new)]
        )
    ]


def _has_parts(*values: Any) -> bool:
    return any(isinstance(value, dict) for value in values)


def telling(line: Line, names: Names) -> list[Change]:
    """Those of them that say something in a list, where the record is named already."""
    found = [one for one in changes(line, names) if one.code not in SAID_BY_OTHERS and (one.old or one.new)]
    if line.entry.action == "changed":
        return found
    said = {line.entry.subject_id, called(line, names), _("(secret)")}
    return [one for one in found if one.code in FIELDS and not {one.old, one.new} & said]


def value_words(code: str, value: Any) -> str:
    """A value as a reader writes it; what has parts in a line."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    if isinstance(value, dict | list):
        return in_a_line(value, field_words, lambda part: value_words("", part))
    if not isinstance(value, str):
        return str(value)
    if code == "role" and value in set(Role):
        return Role(value).label
    if value == KEPT_OUT:
        return _("(secret)")
    if code == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    if code in ("state", "off_why"):
        return value.replace("_", " ")
    return _moment(code, value) or value


def _moment(code: str, value: str) -> str:
    if not code.endswith(("_at", "_until", "_on")):
        return ""
    try:
        found = parse_datetime(value)
    except ValueError:
        return ""
    return _in_full(found) if found and timezone.is_aware(found) else ""


def _in_full(instant: datetime) -> str:
    local = timezone.localtime(instant)
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S}"
