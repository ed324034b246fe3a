"""What Help > About says."""

import platform
from importlib.metadata import PackageNotFoundError, version

PRIVACY = (
    "onnxruntime's telemetry is switched off before it is loaded: nothing is sent to anyone, "
    "and the app makes no network connection."
)


def app_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("infogan-explorer")
    except PackageNotFoundError:
        return "(not installed)"


def about_text() -> str:
    """Versions, licences and what is sent (nothing), as rich text."""
    packages = (("PySide6", "PySide6-Essentials"), ("onnxruntime", "onnxruntime"), ("numpy", "numpy"))
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(package)}" for name, package in packages)]
    return (
        f"<h3>InfoGAN Explorer {app_version()}</h3>"
        "<p>Explore the latent codes of a trained InfoGAN, and let its recognition network read what you draw.</p>"
        f"<p>{', '.join(versions)}</p>"
        f"<p>{PRIVACY}</p>"
        "<p>MIT licence. Qt and PySide6 are used under the LGPL, version 3.</p>"
    )
