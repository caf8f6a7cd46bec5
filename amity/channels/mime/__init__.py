"""What every mail-like channel needs: mails parsed, mboxes split, replies folded, HTML made harmless."""

from amity.channels.mime.charset import decode_text
from amity.channels.mime.html_text import html_to_text
from amity.channels.mime.kinds import NOBODYS_WORDS, MailKind
from amity.channels.mime.mail import ParsedMail, parse_mail
from amity.channels.mime.mbox import iter_mbox
from amity.channels.mime.reply import Reply, split_reply
from amity.channels.mime.reply_html import split_reply_html
from amity.channels.mime.report_words import Reason
from amity.channels.mime.reports import Failure, Outcome, Report
from amity.channels.mime.sanitise import remote_pictures, sanitise_html

__all__ = [
    "NOBODYS_WORDS",
    "Failure",
    "MailKind",
    "Outcome",
    "ParsedMail",
    "Reason",
    "Reply",
    "Report",
    "decode_text",
    "html_to_text",
    "iter_mbox",
    "parse_mail",
    "remote_pictures",
    "sanitise_html",
    "split_reply",
    "split_reply_html",
]
