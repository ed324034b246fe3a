"""The report as one HTML page that needs nothing beside it, and its pictures as files of their own."""

import base64
import io
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer.atomic import write_bytes
from ..trainer.latents import Discrete
from .report import Run
from .report_plots import curve, curves, last_values
from .report_table import comparison, differences

PAGE = "index.html"
_SCALE = 2  # screen pixels a picture's pixel in traversal grids


def write_report(runs: Sequence[Run], folder: Path) -> Path:
    """Write the page and its pictures into ``folder``.

    Returns:
        The page's path.

    Raises:
        UserError: a file could not be written.
    """
    from jinja2 import Environment, select_autoescape

    template = (resources.files("infogan.assets") / "report.html").read_text("utf-8")
    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True)
    pictures = {**_curves(runs), **_grids(runs)}
    for name, data in pictures.items():
        write_bytes(folder / name, data)
    page = environment.from_string(template).render(
        runs=runs,
        comparison=comparison(runs),
        differences=differences(runs),
        curves=curves(runs),
        ends={term: last_values(runs, term) for term in curves(runs)},
        same_latents=len({run.config.latents for run in runs}) == 1,
        grids={run.name: [(name, _told(run, name)) for name in run.grids] for run in runs},
        embedded={name: _embedded(data) for name, data in pictures.items()},
    )
    write_bytes(folder / PAGE, page.encode())
    return folder / PAGE


def _curves(runs: Sequence[Run]) -> dict[str, bytes]:
    themes = ("light", "dark")
    drawn = curves(runs).items()
    return {f"{term}-{theme}.png": curve(runs, term, title, theme) for term, title in drawn for theme in themes}


def _grids(runs: Sequence[Run]) -> dict[str, bytes]:
    return {f"{run.name}-{name}.png": _grid_png(grid) for run in runs for name, grid in run.grids.items()}


def _told(run: Run, code: str) -> str:
    """What one sees in a code's grid, in a sentence."""
    discrete = isinstance(run.config.latents[code], Discrete)
    down = "its classes from top to bottom" if discrete else "from -2 at the top to 2 at the bottom"
    return f"{code}, {down}; everything else is fixed down each column"


def _grid_png(grid: NDArray[np.uint8]) -> bytes:
    """A grid enlarged without smoothing, as PNG."""
    from PIL import Image

    large = grid.repeat(_SCALE, 0).repeat(_SCALE, 1)
    image: Any = Image.fromarray(large[:, :, 0] if large.shape[2] == 1 else large)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _embedded(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
