"""Why no window can be shown here: asked before Qt starts, because Qt itself would abort the process."""

import ctypes
import os
import re
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

LIBRARIES = (
    "libegl1 libgl1 libopengl0 libglib2.0-0 libdbus-1-3 libfontconfig1 libfreetype6 libxkbcommon0 libxkbcommon-x11-0 "
    "libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 "
    "libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1"
)


def why_no_window() -> str | None:
    """One sentence with the remedy, or None where a window can be shown. Takes milliseconds."""
    if not sys.platform.startswith("linux"):
        return None
    platforms = [name.split(":")[0] for name in (os.environ.get("QT_QPA_PLATFORM") or "wayland;xcb").split(";")]
    reasons = [_why_not(platform) for platform in platforms]
    if None in reasons:
        return None
    only_wayland = os.environ.get("WAYLAND_DISPLAY") and not os.environ.get("DISPLAY")
    return reasons[0] if only_wayland else reasons[-1]


def why_no_qt(error: ImportError) -> str:
    """One sentence for the exception that importing PySide6 raised."""
    return _missing_library(str(error)) or f"PySide6 cannot be loaded: {error}; reinstall it with pip."


def _why_not(platform: str) -> str | None:
    """Why Qt cannot show windows through one of its platform plugins."""
    plugins = list(_plugin_folder().glob(f"libq{platform}*.so"))
    if not plugins:
        return f"QT_QPA_PLATFORM asks for {platform!r}, which this Qt does not have: unset it."
    if platform == "wayland":
        return _why_no_wayland()
    return _why_no_xcb(plugins[0]) if platform == "xcb" else None


def _why_no_wayland() -> str | None:
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/"), os.environ.get("WAYLAND_DISPLAY", ""))
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(str(path))
    except OSError:
        return f"there is no Wayland display at {path}: start the app in a desktop session."
    return None


def _why_no_xcb(plugin: Path) -> str | None:
    display = os.environ.get("DISPLAY")
    if not display:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set): start the app in a desktop session."
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _missing_library(str(error)) or f"Qt's plugin {plugin} cannot be loaded: {error}."
    return None if _answers(xcb) else f"the display {display!r} (DISPLAY) does not answer: is its X server running?"


def _answers(xcb: ctypes.CDLL) -> bool:
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _missing_library(message: str) -> str | None:
    match = re.match(r"(lib\S+?): cannot open shared object file", message)
    if not match:
        return None
    return f"the library {match[1]}, which Qt needs, is missing: on Debian or Ubuntu, apt-get install {LIBRARIES}"


def _plugin_folder() -> Path:
    spec = find_spec("PySide6")
    package = Path(spec.origin).parent if spec and spec.origin else Path()
    return package / "Qt" / "plugins" / "platforms"
