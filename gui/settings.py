"""What the app remembers from one start to the next; nonsense in the file is as good as nothing."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt

MOST_RECENT, MOST_KNOWN = 10, 100
LANGUAGES = ("system", "en", "de")
SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}


class Settings:
    """An ini file in the user's configuration folder. Where it cannot be written, things are forgotten."""

    def __init__(self) -> None:
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "infogan-explorer", "infogan-explorer"
        )

    @property
    def recent(self) -> list[Path]:
        """Bundles that were opened, the latest first."""
        return [Path(text) for text in self._texts("recent")][:MOST_RECENT]

    def remember(self, path: Path) -> None:
        """Put a bundle at the head of the recent ones."""
        path = path.absolute()
        self._store.setValue("recent", [str(path), *(str(old) for old in self.recent if old != path)][:MOST_RECENT])

    def forget_recent(self) -> None:
        """Forget all bundles that were opened."""
        self._store.remove("recent")

    @property
    def known(self) -> frozenset[str]:
        """Fingerprints of bundles that were opened without harm."""
        return frozenset(self._texts("known"))

    def know(self, fingerprint: str) -> None:
        """This bundle needs no trial the next time."""
        known = self._texts("known")
        if fingerprint not in known:
            self._store.setValue("known", [fingerprint, *known][:MOST_KNOWN])

    @property
    def folder(self) -> Path | None:
        """Where the last file was chosen."""
        text = self._text("folder")
        return Path(text) if text and "\0" not in text else None

    @folder.setter
    def folder(self, value: Path) -> None:
        self._store.setValue("folder", str(value))

    @property
    def geometry(self) -> QByteArray | None:
        """Of the window, as Qt saved it."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("geometry", value)

    @property
    def tab(self) -> int:
        """Which tab was shown, from 0."""
        text = self._text("tab")
        return int(text) if text.isdecimal() and len(text) < 3 else 0

    @tab.setter
    def tab(self, value: int) -> None:
        self._store.setValue("tab", str(value))

    @property
    def scheme(self) -> str:
        """Which colours: "system", "light" or "dark"."""
        text = self._text("scheme")
        return text if text in SCHEMES else "system"

    @scheme.setter
    def scheme(self, value: str) -> None:
        self._store.setValue("scheme", value)

    @property
    def language(self) -> str:
        """Which language: "system", "en" or "de"."""
        text = self._text("language")
        return text if text in LANGUAGES else "system"

    @language.setter
    def language(self, value: str) -> None:
        self._store.setValue("language", value)

    @property
    def films(self) -> bool:
        """Whether pictures are shown beneath the sliders."""
        return self._is_set("films")

    @films.setter
    def films(self, value: bool) -> None:
        self._set("films", value)

    @property
    def hint_seen(self) -> bool:
        """Whether the hint of the first start was dismissed."""
        return self._is_set("hint_seen")

    @hint_seen.setter
    def hint_seen(self, value: bool) -> None:
        self._set("hint_seen", value)

    def _is_set(self, key: str) -> bool:
        return self._text(key) == "true"

    def _set(self, key: str, value: bool) -> None:
        self._store.setValue(key, "true" if value else "false")

    def _text(self, key: str) -> str:
        value = self._store.value(key)
        return value if isinstance(value, str) else ""

    def _texts(self, key: str) -> Sequence[str]:
        """A list of one entry comes back as a text: that is how Qt writes it."""
        value = self._store.value(key)
        entries = value if isinstance(value, list) else [value]
        return [entry for entry in entries if isinstance(entry, str) and entry]
