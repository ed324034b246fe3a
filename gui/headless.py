"""Pictures from the command line, without a window and without Qt: --export and --grid."""

from pathlib import Path

from ..export.bundle import Bundle
from ..trainer.atomic import write_bytes
from ..trainer.errors import UserError
from ..trainer.latents import Bernoulli, Categorical, Code
from .latent import MAX_SEED, checked_value, to_text
from .raster import enlarged, levels, png, sheet
from .state import ExplorerState
from .traversal import ONE, SEEDS, Traversal, axis_names
from .wording import class_text

NOISE = "noise"  # what SEEDS is called on the command line


def state_of(bundle: Bundle, codes: str, seed: int) -> ExplorerState:
    """The state that a command line describes.

    Args:
        bundle: whose codes they are.
        codes: such as "c1=7,c2=-0.5": of a class its label, or "#3" by number; what is not named is as at the start.
        seed: of the noise.

    Raises:
        UserError: there is no such code, class or value.
    """
    if not 0 <= seed <= MAX_SEED:
        raise UserError(f"--seed is {seed}: expected a number from 0 to {MAX_SEED}.")
    state = ExplorerState()
    state.open(bundle)
    state.set_noise(seed=seed)
    for entry in filter(None, codes.split(",")):
        name, equals, text = (part.strip() for part in entry.partition("="))
        code = next((code for code in bundle.latents.codes if code.name == name), None)
        if code is None:
            names = ", ".join(code.name for code in bundle.latents.codes)
            raise UserError(f"--code names {name!r}: expected {names}, as in {bundle.latents.codes[0].name}=VALUE.")
        if not equals:
            raise UserError(f"--code gives {name} no value: expected {name}=VALUE.")
        state.set_code(name, _value(bundle, code, text))
    return state


def export_picture(path: Path, state: ExplorerState, scale: int) -> None:
    """Write the picture of a state as PNG, with its code inside.

    Raises:
        UserError: it cannot be written.
    """
    bundle = state.bundle
    assert bundle
    (picture,) = bundle.generate(state.z, state.c)
    write_bytes(path, png(enlarged(levels(picture), scale), to_text(state.latents, state.latent, bundle)))


def export_grid(path: Path, state: ExplorerState, rows: str | None, columns: str | None, scale: int) -> None:
    """Write a traversal around a state as PNG.

    Args:
        path: of the file.
        state: what all tiles have in common.
        rows: the code, or "noise", that varies from row to row; by default the first code.
        columns: what varies from column to column; by default the noise, or the last code.
        scale: times that a tile is enlarged.

    Raises:
        UserError: there is no such code, or the file cannot be written.
    """
    bundle, names = state.bundle, axis_names(state.latents)
    assert bundle
    down = _axis(rows, names, names[0])
    across = _axis(columns, names, next((name for name in reversed(names) if name != down), ONE))
    if down == across:
        raise UserError(f"rows and columns are both {rows or columns}: expected two different ones.")
    traversal = Traversal.of(state, down, across, state.noise.seed)
    pictures = [bundle.generate(*traversal.row_latents(row)) for row in range(traversal.shape[0])]
    write_bytes(path, png(enlarged(levels(sheet(pictures)), scale)))


def _axis(name: str | None, names: list[str], default: str) -> str:
    wanted = SEEDS if name == NOISE else default if name is None else name
    if wanted not in (*names, ONE):
        offered = ", ".join(NOISE if each == SEEDS else each for each in names)
        raise UserError(f"there is no {name!r} to vary: expected one of {offered}.")
    return wanted


def _value(bundle: Bundle, code: Code, text: str) -> float:
    """A class by its label, or by "#" and its number; else a number."""
    if isinstance(code, Categorical | Bernoulli):
        count = code.size if isinstance(code, Categorical) else 2
        names = [class_text(bundle, code, index) for index in range(count)]
        wanted = text if text in names or not text.isdecimal() else f"#{text}"
        if wanted in names:
            return names.index(wanted)
        if text.startswith("#") and text[1:].isdecimal() and int(text[1:]) < count:
            return int(text[1:])
        raise UserError(f"{code.name} has no class {text!r}: expected one of {', '.join(sorted(names))}.")
    try:
        return checked_value(code, float(text))
    except ValueError:
        raise UserError(f"{code.name} is {text!r}: expected a number.") from None
