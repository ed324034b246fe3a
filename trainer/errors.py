"""The one exception that a user is meant to read, and the words of others."""


class UserError(Exception):
    """A failure explained in one sentence: what, which file, what was expected, what to do.

    The commands print it on stderr and exit with 1; the app shows it. Anything else that escapes is a bug.
    """


def first_line(error: BaseException) -> str:
    """The first line of an exception's message, cut to what fits into a sentence; its type where it has none."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200]
