"""People with an account: passwords, sign-ins, refresh tokens, links by e-mail, revocations and the audit log."""
