"""Which version of this program is installed."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Of the distribution, or "(not installed)" where its files were only copied."""
    try:
        return version("infogan-explorer")
    except PackageNotFoundError:
        return "(not installed)"
