"""What a bundle has learned, in figures: its categories, its codes, its pictures. No torch.

Everything is measured on the test split; maps from categories to labels are fitted on the training split. The result is
plain data, as infogan-evaluate writes it with --json.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer.data import Pictures
from ..trainer.latents import Categorical
from .bundle import Bundle, Posterior
from .classifier import Classifier
from .code_figures import Read, categories_report, codes_report, continuous_report
from .naming import Naming, as_float, infer, name_categories
from .sample_figures import samples_report
from .samples import Samples, draw

Report = dict[str, Any]

SAMPLES = 10_000  # generated pictures for L_I, recovery and sample quality
MEASURED = 3_000  # of them, those whose strokes are measured


def evaluate(
    bundle: Bundle,
    train: Pictures,
    test: Pictures,
    classifier: Classifier | None,
    say: Callable[[str], object] = lambda text: None,
) -> Report:
    """Measure everything.

    Args:
        bundle: the networks; two threads serve it best here.
        train: the training split, to fit names, and as the floor of sample quality.
        test: the test split.
        classifier: what looks at pictures; None leaves sample quality out.
        say: called with a line about what is being done.

    Returns:
        Sections "model", "codes", "categories", "continuous", "samples" (those that apply) and "seconds".
    """
    started = time.perf_counter()
    say("generating pictures and reading them back")
    generated = draw(bundle, SAMPLES)
    report: Report = {"model": _model(bundle, test), "codes": codes_report(bundle, generated)}
    say(f"reading {len(train.images)} training and {len(test.images)} test pictures")
    posterior, naming = infer(bundle, test), name_categories(bundle, train)
    if naming is not None:
        report["categories"] = categories_report(naming, posterior, test)
    seen = classifier.see(generated.images) if classifier is not None else None
    if bundle.latents.continuous and bundle.image_shape[0] == 1:
        say("measuring strokes")
        real = Read(as_float(test), posterior, _shown(test, naming, posterior))
        classes = _given(bundle, generated) if seen is None else seen.classes
        fake = Read(generated.images, generated.posterior, classes).first(MEASURED)
        report["continuous"] = continuous_report(bundle, real, fake)
    if classifier is not None and seen is not None:
        say("comparing generated with real pictures")
        report["samples"] = samples_report(classifier, seen, generated, _given(bundle, generated), train, test)
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def _model(bundle: Bundle, test: Pictures) -> Report:
    provenance = bundle.manifest.provenance
    keys = ("recipe", "seed", "step", "training_seconds")
    known = {key: provenance[key] for key in keys if key in provenance}
    return {"name": bundle.name, "pair_id": bundle.manifest.pair_id, "test_pictures": len(test.images), **known}


def _shown(pictures: Pictures, naming: Naming | None, posterior: Posterior) -> NDArray[Any]:
    """The class of each real picture: its label, or where there is none Q's own category."""
    if pictures.labels is not None:
        return pictures.labels
    probs = next(iter(posterior.probs.values()), None)
    return np.zeros(len(pictures.images), int) if probs is None else probs.argmax(1)


def _given(bundle: Bundle, generated: Samples) -> NDArray[Any]:
    """The first categorical code that each picture was made from; 0 where there is none."""
    codes = [code for code in bundle.latents.codes if isinstance(code, Categorical)]
    if not codes:
        return np.zeros(len(generated.c), int)
    return np.asarray(generated.c[:, bundle.latents.slices[codes[0].name]].argmax(1))
