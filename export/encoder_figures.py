"""How well pictures are reconstructed from their latents, and how they follow the codes that are changed then."""

from typing import Any

import numpy as np

from ..trainer import morphometry
from ..trainer.latents import Continuous
from ..trainer.metrics import partial_correlation, r_squared
from ..trainer.pictures import Pictures
from .bundle import Array, Bundle
from .classifier import Eye
from .naming import NAMED_FACTORS, as_float
from .sample_figures import diversity
from .samples import Samples, rms

Figures = dict[str, Any]

MOVED = 200  # test pictures whose continuous codes are changed
VALUES = 9  # of each code, from end to end of its extent
USED = 0.05  # of the difference between two random pictures: what a dimension of the noise that G uses changes at least
_PAIRS = 50  # latents in which each dimension of the noise is moved
_CHUNK = 1000


def encoder_report(
    bundle: Bundle, classifier: Eye | None, generated: Samples, train: Pictures, test: Pictures
) -> Figures:
    """Measure the encoder on the test split and on generated pictures.

    Returns:
        "pixel_error", the mean squared error per pixel of reconstructed test pictures, beside "pca_error", that of a
        PCA of the training split with as many components as G has inputs; "noise_r_squared" of the noise of generated
        pictures, by dimension; "noise_effect", how much a picture changes when that dimension goes from one end to the
        other, as a share of the difference between two random pictures. With a classifier "agreement", the share of
        reconstructed test pictures in which it sees the label, "same", that in which it sees what it sees in the
        original, and "diversity" of reconstructions within a class (real = 1). For grey pictures "codes": what the
        strokes of reconstructed test pictures do when one continuous code goes over its extent.
    """
    real = as_float(test)
    z, c = _encoded(bundle, real)
    again = bundle.generate(z, c)
    found, _ = _encoded(bundle, generated.images)
    components = bundle.latents.input_width
    report: Figures = {
        "pictures": len(real),
        "pixel_error": _squared(again - real),
        "pca_components": components,
        "pca_error": _pca_error(train, real, components),
        "noise_r_squared": [r_squared(*pair) for pair in zip(generated.z.T, found.T, strict=True)],
        "noise_effect": _noise_effects(bundle),
    }
    if classifier is not None:
        seen, seen_again = classifier.see(real).classes, classifier.see(again).classes
        labels = seen if test.labels is None else test.labels
        report["agreement"] = float((seen_again == labels).mean())
        report["same"] = float((seen_again == seen).mean())
        report["diversity"] = diversity(again, labels, real, labels)
    if bundle.image_shape[0] == 1:
        rows = slice(0, MOVED)
        report["codes"] = {code.name: _moved(bundle, code, z[rows], c[rows]) for code in bundle.latents.continuous}
    return report


def _encoded(bundle: Bundle, images: Array) -> tuple[Array, Array]:
    parts = [bundle.encode(images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
    z, c = zip(*parts, strict=True)
    return np.concatenate(z), np.concatenate(c)


def _squared(difference: Array) -> float:
    return float(np.square(difference, dtype=np.float64).mean())


def _pca_error(train: Pictures, real: Array, components: int) -> float:
    """Mean squared error per pixel of pictures reconstructed from their principal components."""
    from sklearn.decomposition import PCA

    points = as_float(train).reshape(len(train.images), -1)
    pca = PCA(min(components, *points.shape), svd_solver="covariance_eigh").fit(points)
    flat = real.reshape(len(real), -1)
    return _squared(pca.inverse_transform(pca.transform(flat)) - flat)


def _noise_effects(bundle: Bundle) -> list[float]:
    """What each dimension of the noise changes, as :func:`infogan.export.samples.effect` measures it of a code."""
    spec = bundle.latents
    z, c = spec.sample(np.random.default_rng(0), _PAIRS)
    images = bundle.generate(z, c)
    apart = max(rms(images - np.roll(images, 1, axis=0)), 1e-12)
    effects = []
    for i in range(spec.noise.size):
        ends = []
        for end in (-1.0, 1.0):  # of a uniform prior; of a normal one, a standard deviation to each side
            moved = z.copy()
            moved[:, i] = end
            ends.append(bundle.generate(moved, c))
        effects.append(rms(ends[1] - ends[0]) / apart)
    return effects


def _moved(bundle: Bundle, code: Continuous, z: Array, c: Array) -> Figures:
    """Correlation of a code's value with each factor of the strokes of pictures (n, ...) that are drawn with it.

    Returns:
        By factor: "all", over all pictures; "within", with the mean of each picture taken out, so that what it was
        before the code changed does not count.
    """
    many_z, many_c = bundle.latents.traversal(code.name, z, c, VALUES, *code.extent)
    strokes = morphometry.measure(bundle.generate(many_z, many_c)[:, 0])
    values = many_c[:, bundle.latents.slices[code.name]][:, 0]
    nothing, own = np.empty((len(values), 0)), np.tile(np.eye(len(z)), (VALUES, 1))
    return {
        factor: {
            "all": partial_correlation(values, strokes[factor], nothing),
            "within": partial_correlation(values, strokes[factor], own),
        }
        for factor in NAMED_FACTORS
    }
