"""An evaluation as text for a terminal: what a person reads first, in the order in which they ask."""

from statistics import mean
from typing import Any

from .encoder_figures import USED
from .naming import NAMED_FACTORS, strongest

Report = dict[str, Any]
_BEST = 4  # codes of each attribute
KINDS = {"test": "read, test", "generated": "read, generated", "set": "set, generated"}


def table(report: Report) -> str:
    """The figures of :func:`infogan.export.evaluate.evaluate` as aligned lines under headings."""
    sections = [_codes(report["codes"])]
    if "categories" in report:
        sections.insert(0, _categories(report["categories"]))
    if "attributes" in report:
        sections.append(_attributes(report["attributes"]))
    if "continuous" in report:
        sections.append(_continuous(report["continuous"]))
    if "samples" in report:
        sections.append(_samples(report["samples"]))
    if "encoder" in report:
        sections.append(_encoder(report["encoder"]))
    return "\n\n".join([*sections, f"measured in {report['seconds']:.0f} s"])


def _categories(figures: Report) -> str:
    lines = [
        f"{figures['code']} reads {figures['accuracy']:.2%} of the test pictures (one category a label; many to one "
        f"{figures['majority']:.2%}, NMI {figures['nmi']:.3f}, ARI {figures['ari']:.3f})",
        "category  is  precision  seen with these labels",
    ]
    for k, (label, precision, counts) in enumerate(
        zip(figures["labels"], figures["precision"], figures["confusion"], strict=True)
    ):
        most = sorted(((n, i) for i, n in enumerate(counts) if n), reverse=True)[:5]
        seen = ", ".join(f"{i}: {n}" for n, i in most)
        lines.append(f"{k:8}  {label or '-':>2}  {precision:9.2%}  {seen}")
    return "\n".join(lines)


def _codes(codes: Report) -> str:
    lines = ["code  L_I of H(c), nats  recovered from generated pictures  moves the picture by"]
    for name, figures in codes.items():
        recovery = f"{figures['accuracy']:.2%}" if "accuracy" in figures else f"R2 {figures['r_squared']:.3f}"
        bounded = "accuracy" in figures  # H(c) of a continuous code is differential and bounds nothing
        ceiling = f"{figures['information']:.3f}" + (f" of {figures['entropy']:.3f}" if bounded else "")
        lines.append(f"{name:4}  {ceiling:>18}  {recovery:>32}  {figures['effect']:20.0%}")
    return "\n".join(lines)


def _attributes(section: Report) -> str:
    lines = ["what is known of the test pictures, and the codes that predict it best (balanced accuracy; shared nats)"]
    for name, codes in section.items():
        best = sorted(codes, key=lambda code: -codes[code]["balanced_accuracy"])[:_BEST]
        said = ", ".join(f"{c} {codes[c]['balanced_accuracy']:.3f}; {codes[c]['information']:.3f}" for c in best)
        lines.append(f"{name:12}  {said}")
    return "\n".join(lines)


def _continuous(section: Report) -> str:
    lines = [
        "partial correlation, given the digit and the other codes (lowest and highest within a digit)",
        "code  codes are        " + " ".join(f"{factor:>22}" for factor in NAMED_FACTORS),
    ]
    for name, figures in section.items():
        for kind, said in KINDS.items():
            cells = []
            for factor in NAMED_FACTORS:
                within = [values[factor] for values in figures[f"{kind}_by_class"].values()] or [float("nan")]
                cells.append(f"{figures[kind][factor]:6.2f} ({min(within):5.2f}..{max(within):5.2f})")
            lines.append(f"{name:4}  {said:15}  " + " ".join(f"{cell:>22}" for cell in cells))
        lines.append(f"{name:4}  {figures['explained_by_class']:.0%} of its variance lies between classes")
    return "\n".join(lines)


def _samples(section: Report) -> str:
    fake, real = section["generated"], section["real"]
    names = [
        "frechet_distance",
        "sharpness",
        "precision",
        "recall",
        "density",
        "coverage",
        "duplicates",
    ]
    classifier = section["classifier"]
    if classifier["test_accuracy"] is not None:
        names.append("smallest_share")
    lines = [f"{section['pictures']} pictures compared with the test split   generated   real ones in their place"]
    lines += [f"{name.replace('_', ' '):45}{fake[name]:11.3f}{real[name]:14.3f}" for name in names]
    if "agreement" in section:
        lines.append(f"{'show what their category is named after':45}{section['agreement']:11.3f}")
        lines.append(f"{'diversity within a category (real = 1)':45}{section['diversity']:11.3f}")
    eye = "compared by the principal components of their pixels, for they have no labels"
    if classifier["test_accuracy"] is not None:
        eye = f"classifier of {classifier.get('tells', 'label')}: {classifier['test_accuracy']:.2%} on test pictures"
    lines.append(f"{eye}, sha256 {classifier['sha256'][:16]}")
    return "\n".join(lines)


def _encoder(section: Report) -> str:
    error, floor = section["pixel_error"], max(section["pca_error"], 1e-9)
    recovered, effects = section["noise_r_squared"], section["noise_effect"]
    used = [r for r, effect in zip(recovered, effects, strict=True) if effect >= USED]
    lines = [
        f"{section['pictures']} test pictures reconstructed",
        f"{'squared error per pixel':45}{error:11.4f}  {error / floor:.2f} times that of a PCA with "
        f"{section['pca_components']} components",
    ]
    if "agreement" in section:
        lines.append(f"{'show the class that they are':45}{section['agreement']:11.3f}")
        lines.append(f"{'diversity within a class (real = 1)':45}{section['diversity']:11.3f}")
    lines.append(
        f"{'noise recovered from generated pictures, R2':45}{mean(recovered):11.3f}  {mean(used or [0.0]):.3f} of "
        f"the {len(used)} of {len(effects)} dimensions that move the picture by {USED:.0%} or more"
    )
    for name, factors in section.get("codes", {}).items():
        factor, r = strongest({factor: values["all"] for factor, values in factors.items()})
        said = f"{name} from end to end moves {factor}, r"
        lines.append(f"{said:45}{r:11.3f}  {factors[factor]['within']:.3f} within a picture")
    return "\n".join(lines)


def summary(report: Report) -> dict[str, float]:
    """The few figures that a bundle carries, each under a name that says what it is."""
    figures: dict[str, float] = {}
    if "categories" in report:
        section = report["categories"]
        name = (
            f"accuracy of {section['code']} on {report['model']['test_pictures']} test pictures, one category a label"
        )
        figures[name] = section["accuracy"]
    for name, values in report["codes"].items():
        bound = f", of {values['entropy']:.3f}" if "accuracy" in values else ""
        figures[f"L_I of {name} in nats{bound}"] = values["information"]
    for name, values in report.get("continuous", {}).items():
        for kind, said in KINDS.items():
            factor, r = strongest(values[kind])
            figures[f"partial correlation of {name} ({said}) with {factor}"] = r
    if "samples" in report:
        fake, real = report["samples"]["generated"], report["samples"]["real"]
        for name in ("frechet_distance", "precision", "recall", "duplicates", "smallest_share"):
            figures[f"{name.replace('_', ' ')} of samples (real pictures: {real[name]:.3f})"] = fake[name]
    if "encoder" in report:
        section = report["encoder"]
        figures[f"squared error per pixel of reconstructed test pictures (PCA: {section['pca_error']:.4f})"] = section[
            "pixel_error"
        ]
        if "agreement" in section:
            figures["share of reconstructed test pictures that show the class that they are"] = section["agreement"]
    return {name: round(value, 4) for name, value in figures.items()}
