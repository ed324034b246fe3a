"""What Help > About says."""

import platform
from importlib.metadata import version

from ..trainer.version import installed_version
from .translation import tr


def about_text() -> str:
    """Versions, licences and what is sent (nothing), as rich text."""
    packages = (("PySide6", "PySide6-Essentials"), ("onnxruntime", "onnxruntime"), ("numpy", "numpy"))
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(package)}" for name, package in packages)]
    purpose = tr("Explore the latent codes of a trained InfoGAN, and let its recognition network read what you draw.")
    privacy = tr(
        "onnxruntime's telemetry is switched off before it is loaded: nothing is sent to anyone, "
        "and the app makes no network connection."
    )
    licence = tr("MIT licence. Qt and PySide6 are used under the LGPL, version 3.")
    paragraphs = (purpose, ", ".join(versions), privacy, licence)
    return f"<h3>InfoGAN Explorer {installed_version()}</h3>" + "".join(f"<p>{text}</p>" for text in paragraphs)
