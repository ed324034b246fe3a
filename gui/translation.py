"""The language of the window: its texts are English in the code, and are translated when they are shown. No Qt."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from string import Formatter

ENGLISH = "en"

_language = ENGLISH
_texts: dict[str, str] = {}


def use(languages: Sequence[str]) -> None:
    """Translate into the first of these languages that has a file, "de" for "de-AT"; English needs none."""
    global _language, _texts
    codes = (name.replace("_", "-").partition("-")[0].lower() for name in languages)
    wanted = next((code for code in codes if code == ENGLISH or _has_file(code)), ENGLISH)
    _texts = {} if wanted == ENGLISH else _read(wanted)
    _language = wanted if _texts else ENGLISH


def language() -> str:
    """What is translated into: "en", "de"."""
    return _language


def tr(text: str, /, **values: object) -> str:
    """The translation of an English text, or else that text, with values put into its placeholders."""
    for wording in (_texts.get(text, text), text):
        with suppress(Exception):  # placeholders can go wrong in many ways, and no window should break over a text
            return wording.format(**values) if values else wording
    return text


def placeholders(text: str) -> frozenset[tuple[str | None, ...]] | None:
    """Names of what is put into a text, with format and conversion; None where its braces do not match."""
    try:
        return frozenset(tuple(field) for _, *field in Formatter().parse(text) if field[0] is not None)
    except ValueError:
        return None


def _has_file(code: str) -> bool:
    known = re.fullmatch("[a-z]{2,3}", code)  # the system may call a language anything
    return bool(known) and (files("infogan.assets") / f"translation-{code}.json").is_file()


def _read(code: str) -> dict[str, str]:
    """The texts of a language, without those whose placeholders differ; none where the file is damaged."""
    try:
        texts = json.loads((files("infogan.assets") / f"translation-{code}.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    pairs = texts.items() if isinstance(texts, dict) else ()
    return {
        text: other for text, other in pairs if isinstance(other, str) and placeholders(other) == placeholders(text)
    }
