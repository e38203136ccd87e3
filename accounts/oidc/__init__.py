"""Sign-in with accounts elsewhere: OpenID Connect (authorization code, PKCE), and GitHub's OAuth 2."""
