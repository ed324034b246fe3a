"""The one exception that a user is meant to read."""


class UserError(Exception):
    """A failure explained in one sentence: what, which file, what was expected, what to do.

    The commands print it on stderr and exit with 1; the app shows it. Anything else that escapes is a bug.
    """
