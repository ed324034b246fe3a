"""How codes, classes and values are written, everywhere in the app. No Qt."""

from ..export.bundle import Bundle, Posterior
from ..trainer.latents import Array, Bernoulli, Categorical, Code, LatentSpec
from .jobs import Reading
from .latent import Latent, as_codes, decimals
from .translation import tr
from .traversal import ONE, SEEDS, Axis
from .walk import Walk

THIN, THICK = 0.053, 0.26  # mean ink of all pixels: 1 and 99 % of MNIST's test digits lie beyond
DIGITS = [str(digit) for digit in range(10)]
SURE = 0.7  # probability of the likeliest class below which Q is said not to be sure


def plain(text: str) -> str:
    """A stranger's text without the sign that makes Qt take it for HTML, which could load files of this computer."""
    return text.replace("<", "‹")


def bare(text: str) -> str:
    """The text of a menu's entry or of a button without the mark of its key and without dots."""
    return text.replace("&", "").rstrip("…")


def code_text(bundle: Bundle | None, code: Code) -> str:
    """What a code means where that is known, but not how well, and its name: "Slant · c2"."""
    meaning = meaning_text((bundle.meaning(code.name) or "").partition(",")[0]) if bundle else None
    if not meaning and isinstance(code, Categorical):
        meaning = tr("digit") if _is_digit(bundle, code) else tr("category")
    return plain(f"{meaning[:1].upper()}{meaning[1:]} · {code.name}" if meaning else code.name)


def pad_hint(bundle: Bundle | None) -> str:
    """What an empty pad says: photographs cannot be drawn, and not every drawing is a digit."""
    if bundle and bundle.image_shape[0] == 3:
        return tr("Drop a picture here,\nor open one")
    code = bundle.latents.first_categorical if bundle else None
    return tr("Draw a digit here\nor drop a picture") if _is_digit(bundle, code) else tr("Draw here\nor drop a picture")


def meaning_text(meaning: str) -> str:
    """What a code was found to follow, in the user's language where the evaluation's own words are meant."""
    return {"slant": tr("slant"), "width": tr("width"), "thickness": tr("thickness"), "height": tr("height")}.get(
        meaning, meaning
    )


def code_tip(bundle: Bundle | None, code: Code) -> str:
    """What a continuous code was found to follow, and how well: "c2 follows slant, r = 0.93"; empty where unknown."""
    meaning = bundle.meaning(code.name) if bundle else None
    if not meaning:
        return ""
    meaning = finding_text(meaning)
    return plain(
        tr("{name} follows {meaning} (1 would be perfectly, on real test pictures)", name=code.name, meaning=meaning)
    )


def finding_text(meaning: str) -> str:
    """What a code was found to follow, and how well, in the user's language: "slant, r = 0.93"."""
    what, comma, how_well = meaning.partition(",")
    return meaning_text(what) + comma + how_well


def class_tip(bundle: Bundle | None, code: Code, index: int) -> str:
    """A class in words, and how far its label can be trusted where that was measured."""
    text = f"{code.name}: {class_text(bundle, code, index)}"
    share = bundle.precision(code.name, index) if bundle and bundle.label(code.name, index) else None
    if share is None:
        return text
    return tr("{text}, right for {share:.1f} % of the test pictures read so", text=text, share=share * 100)


def _is_digit(bundle: Bundle | None, code: Code | None) -> bool:
    """Whether a code's classes are known to be the ten digits."""
    if bundle is None or not isinstance(code, Categorical):
        return False
    return sorted(bundle.label(code.name, index) or "" for index in range(code.size)) == DIGITS


def axis_text(bundle: Bundle | None, latents: LatentSpec, name: str) -> str:
    """What varies along an axis of a traversal."""
    others = {SEEDS: tr("noise"), ONE: tr("nothing")}
    return others[name] if name in others else code_text(bundle, latents[name])


def axis_title(bundle: Bundle | None, latents: LatentSpec, name: str) -> str:
    """What a figure writes along an axis."""
    others = {SEEDS: tr("noise seed"), ONE: ""}
    return others[name] if name in others else code_text(bundle, latents[name])


def traversal_text(bundle: Bundle | None, latents: LatentSpec, rows: str, columns: str) -> str:
    """What the rows and columns of a grid are, in a sentence; an axis along which nothing varies is left out."""
    names = [tr("other noise") if name == SEEDS else axis_text(bundle, latents, name) for name in (rows, columns)]
    down, across = tr("Down: {name}.", name=names[0]), tr("Across: {name}.", name=names[1])
    return " ".join(text for name, text in ((rows, down), (columns, across)) if name != ONE)


def step_text(what: str) -> str:
    """What a step of the history changed: a code, or one of the state's own names for the rest."""
    others = {"codes": tr("codes"), "noise": tr("noise"), "drawing": tr("drawing"), "bookmarks": tr("bookmarks")}
    return others.get(what) or plain(what)


def class_text(bundle: Bundle | None, code: Code, index: int) -> str:
    """A class's label, "7", or its number, "#3", where none is known: a number is not a digit's value.

    Before there is a bundle it has no text: what the classes are is not yet known.
    """
    if bundle is None:
        return ""
    label = bundle.label(code.name, index)
    return plain(label) if label else (str(index) if isinstance(code, Bernoulli) else f"#{index}")


def number_text(value: float, decimals: int = 2) -> str:
    """A value with its sign: "+0.31", "−0.80", "0.00"."""
    rounded = round(value, decimals)
    return f"{rounded:+.{decimals}f}".replace("-", "−") if rounded else f"{0:.{decimals}f}"


def value_text(bundle: Bundle | None, code: Code, value: float) -> str:
    """A class's label or a continuous value."""
    if isinstance(code, Categorical | Bernoulli):
        return class_text(bundle, code, int(value))
    return number_text(value, decimals(code))


def reading_text(bundle: Bundle | None, code: Code, posterior: Posterior) -> str:
    """What Q reads of a code in the first picture: "7 (99 %)" or "+0.31 ± 0.12"."""
    if code.name in posterior.mean:
        places, std = decimals(code), float(posterior.std[code.name][0])
        return f"{number_text(float(posterior.mean[code.name][0]), places)} ± {std:.{places}f}"
    index = _likeliest(posterior.probs[code.name])
    return f"{class_text(bundle, code, index)} ({percent_text(class_probabilities(code, posterior)[index])})"


def percent_text(probability: float) -> str:
    """Whole percents: "99 %"."""
    return f"{probability * 100:.0f} %"


def reading_hint(reading: Reading) -> str:
    """What one should know of a reading before trusting it; empty where there is nothing to say."""
    if reading.posterior is None:
        return ""
    hints, ink = [], reading.ink
    if ink is not None and ink < THIN:
        hints.append(tr("Thinner than in training: widen the pen."))
    if ink is not None and ink > THICK:
        hints.append(tr("Thicker than in training: narrow the pen."))
    best = [probs[0].max() for probs in reading.posterior.probs.values() if probs.shape[1] > 1]
    if best and min(best) < SURE:
        hints.append(tr("Not sure: more than one class fits."))
    return " ".join(hints)


def agreement(code: Code, value: float, posterior: Posterior) -> tuple[str, str]:
    """How far Q reads in the first picture what was set, as a sign and in words.

    The same class or another one; a value within one or two standard deviations or beyond.
    """
    if code.name not in posterior.mean:
        same = _likeliest(posterior.probs[code.name]) == value
        return ("✓", tr("The class that was set")) if same else ("✗", tr("Another class than was set"))
    away, deviation = abs(float(posterior.mean[code.name][0]) - value), float(posterior.std[code.name][0])
    if away <= deviation:
        return "✓", tr("Within one deviation of what was set")
    return (
        ("≈", tr("Within two deviations of what was set"))
        if away <= 2 * deviation
        else ("✗", tr("More than two deviations from what was set"))
    )


def _likeliest(probs: Array) -> int:
    """The class that Q reads in the first picture, of probabilities (n, classes) or (n, 1) of a coin."""
    return int(probs[0].argmax() if probs.shape[1] > 1 else probs[0, 0] > 0.5)


def class_probabilities(code: Code, posterior: Posterior) -> list[float]:
    """Q's probability of each class in the first picture; those of a coin are P(c = 0) and P(c = 1)."""
    probs = [float(p) for p in posterior.probs[code.name][0]]
    return [1 - probs[0], probs[0]] if isinstance(code, Bernoulli) else probs


def latent_text(bundle: Bundle, latent: Latent) -> str:
    """A latent in a line: "7, +0.50, 0.00, seed 4", or "7, +0.50, 0.00, drawn" with the noise of a drawing."""
    values = (value_text(bundle, code, latent.value(bundle.latents, code.name)) for code in bundle.latents.codes[:4])
    source = tr("drawn") if latent.noise.own else tr("seed {seed}", seed=latent.noise.seed)
    return ", ".join([*values, *([source] if bundle.latents.noise.size else [])])


def place_text(bundle: Bundle | None, walk: Walk, what: str, seconds: float) -> str:
    """Where a walk is: the time, and the value of the code that walks, if one does: "1.2 s, −0.80"."""
    time = tr("{seconds:.1f} s", seconds=seconds % walk.seconds if walk.seconds and walk.repeat != "once" else seconds)
    code = next((code for code in walk.latents.codes if code.name == what), None)
    if code is None:
        return time
    value = Latent(as_codes(walk.codes_at(seconds))).value(walk.latents, what)
    return f"{time}, {value_text(bundle, code, round(value) if isinstance(code, Bernoulli) else value)}"


def tick_texts(bundle: Bundle | None, latents: LatentSpec, axis: Axis) -> list[str]:
    """What to write at each row or column of a traversal: short, for tiles are narrow."""
    if axis.name in (SEEDS, ONE):
        return [str(int(value)) if axis.name == SEEDS else "" for value in axis.values]
    code = latents[axis.name]
    if isinstance(code, Categorical | Bernoulli):
        return [class_text(bundle, code, int(value)) for value in axis.values]
    exact = all(abs(value - round(value, 1)) < 1e-3 for value in axis.values)
    return [number_text(value, 1 if exact else decimals(code)) for value in axis.values]
