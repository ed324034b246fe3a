"""Tables in the pages of docs/ that scripts make."""

END = "<!-- end -->"


def with_table(text: str, begin: str, table: str) -> str:
    """The page with this table in the place of the one between the mark ``begin`` and the next ``END``."""
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{table}\n{END}{rest.partition(END)[2]}"
