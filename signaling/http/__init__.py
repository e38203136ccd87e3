"""The HTTP side: the application, the API, access control, the page's files."""
