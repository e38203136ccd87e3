"""Letters by e-mail as pure functions: the text that a person reads, and the message that carries it (RFC 5322).

Nothing in them was written by whoever had them sent: anybody may register with another's address.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid


def verification(to: str, url: str, hours: int) -> EmailMessage:
    """Return the letter that asks a new person to follow a link."""
    return _letter(
        to,
        "Confirm your e-mail address",
        "Hello,\n\nthis address was given for a new account of a Dragoman server. To confirm it, open\n\n"
        f"{url}\n\nand sign in, or enter the password of the account there. The link holds for {hours} hours. If you "
        "have not made an account, do nothing.\n",
    )


def reset(to: str, url: str, minutes: int) -> EmailMessage:
    """Return the letter by which somebody sets a new password."""
    return _letter(
        to,
        "Set a new password",
        "Hello,\n\nsomebody has asked for a new password of your account. To set one, open\n\n"
        f"{url}\n\nThe link holds for {minutes} minutes, and once. If it was not you, do nothing: "
        "your password stays as it is.\n",
    )


def stamped(letter: EmailMessage, sender: str, now: float) -> EmailMessage:
    """Return the letter with its sender, date (Unix epoch seconds) and id."""
    letter["From"] = sender
    letter["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    letter["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("> ") or None)
    letter["Auto-Submitted"] = "auto-generated"
    return letter


def _letter(to: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage(SMTP)
    letter["To"] = to
    letter["Subject"] = subject
    letter.set_content(text, cte="quoted-printable")
    return letter
