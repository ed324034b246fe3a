"""What a bundle has learned, in figures: its categories, its codes, its pictures. No torch.

Everything is measured on the test split; maps from categories to labels are fitted on the training split. The result is
plain data, as infogan-evaluate writes it with --json.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..trainer import morphometry
from ..trainer.pictures import Pictures
from ..trainer.sample_quality import NEIGHBOURS
from .attribute_figures import attributes_report
from .bundle import Bundle, Posterior
from .classifier import Eye
from .code_figures import Figures, Measured, categories_report, codes_report, continuous_report, read
from .encoder_figures import encoder_report
from .naming import as_float, infer, name_categories
from .sample_figures import samples_report
from .samples import Samples, draw

Report = dict[str, Any]

SAMPLES = 10_000  # generated pictures for L_I, recovery and sample quality
MEASURED = 3_000  # of them, those whose strokes are measured


def evaluate(
    bundle: Bundle,
    train: Pictures,
    test: Pictures,
    classifier: Eye | None,
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
        Sections "model", "codes", "categories", "attributes", "continuous", "samples", "encoder" (those that apply),
        and "seconds".
    """
    started = time.perf_counter()
    say("generating pictures and reading them back")
    generated = draw(bundle, SAMPLES)
    report: Report = {"model": _model(bundle, test), "codes": codes_report(bundle, generated)}
    say(f"reading {len(train.images)} training and {len(test.images)} test pictures")
    posterior, naming = infer(bundle, test), name_categories(bundle, train)
    if naming is not None:
        report["categories"] = categories_report(naming, posterior, test)
    if test.attributes:
        report["attributes"] = attributes_report(bundle.latents, (infer(bundle, train), posterior), train, test)
    seen = classifier.see(generated.images) if classifier is not None else None
    if bundle.latents.continuous and bundle.image_shape[0] == 1:
        say("measuring strokes")
        classes = _made_from(bundle, generated) if seen is None else seen.classes
        report["continuous"] = _continuous(bundle, test, posterior, generated, classes)
    if classifier is not None and seen is not None and min(len(train.images), len(test.images)) > NEIGHBOURS:
        say("comparing generated with real pictures")
        made = None
        if naming is not None:
            made = generated.c[:, bundle.latents.slices[naming.code]].argmax(1), naming.mapping
        report["samples"] = samples_report(classifier, seen, generated.images, made, train, test)
    if bundle.has_encoder:
        say("reconstructing test pictures")
        report["encoder"] = encoder_report(bundle, classifier, generated, train, test)
    report["seconds"] = round(time.perf_counter() - started, 1)
    return report


def _model(bundle: Bundle, test: Pictures) -> Report:
    provenance = bundle.manifest.provenance
    keys = ("recipe", "seed", "step", "training_seconds")
    known = {key: provenance[key] for key in keys if key in provenance}
    return {"name": bundle.name, "pair_id": bundle.manifest.pair_id, "test_pictures": len(test.images), **known}


def _continuous(
    bundle: Bundle, test: Pictures, posterior: Posterior, generated: Samples, classes: NDArray[Any]
) -> Figures:
    """Codes beside strokes: as Q reads them from test pictures and from generated ones, and as they were set for G.

    Reading alone would not show a G that varies slant by its noise and leaves the code aside.
    """
    test_strokes = morphometry.measure(as_float(test)[:, 0])
    some, strokes = classes[:MEASURED], morphometry.measure(generated.images[:MEASURED, 0])
    as_read = {name: values[:MEASURED] for name, values in read(generated.posterior).items()}
    as_set = {name: generated.c[:MEASURED, columns] for name, columns in bundle.latents.slices.items()}
    kinds = {
        "test": Measured(read(posterior), _shown(test, posterior), test_strokes),
        "generated": Measured(as_read, some, strokes),
        "set": Measured(as_set, some, strokes),
    }
    return continuous_report(bundle.latents, kinds)


def _shown(pictures: Pictures, posterior: Posterior) -> NDArray[Any]:
    """The class of each real picture: its label, or where there is none Q's own category."""
    if pictures.labels is not None:
        return pictures.labels
    probs = next(iter(posterior.probs.values()), None)
    return np.zeros(len(pictures.images), int) if probs is None else probs.argmax(1)


def _made_from(bundle: Bundle, generated: Samples) -> NDArray[Any]:
    """The first categorical code that each picture was made from; 0 where there is none."""
    code = bundle.latents.first_categorical
    if code is None:
        return np.zeros(len(generated.c), int)
    return np.asarray(generated.c[:, bundle.latents.slices[code.name]].argmax(1))
