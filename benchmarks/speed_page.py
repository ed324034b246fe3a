"""The figures of bench.py as the tables of docs/speed.md.

python benchmarks/speed_page.py
"""

import json
from collections.abc import Iterable
from pathlib import Path

import page
from bench import LATEST, table
from goals import Figures
from infogan.trainer.atomic import write_bytes

PAGE = Path(__file__).parent.parent / "docs" / "speed.md"
BEGIN = "<!-- made by benchmarks/speed_page.py -->"


def main() -> None:
    """Put the tables of the latest figures in the place of the ones before."""
    write_bytes(PAGE, with_tables(PAGE.read_text(), json.loads(LATEST.read_text())).encode())


def with_tables(text: str, figures: Figures) -> str:
    """The page with the tables of these figures."""
    tables = "\n\n".join("\n".join(lines) for lines in sections(figures))
    return page.with_table(text, BEGIN, tables)


def sections(figures: Figures) -> Iterable[list[str]]:
    """The goals, then the details of each part."""
    machine = figures["machine"]
    yield [f"{machine['processor']}, {machine['threads']} threads, {machine['precision']}, torch {machine['torch']}."]
    yield table(figures)
    yield ["### Training, images a second"]
    yield training(figures["training"])
    yield ["### A step of the CNN, milliseconds"]
    yield phases(figures["anatomy"]["phases"])
    shares = figures["anatomy"]["operators"].items()
    yield [
        "Operators of a step of robust, of its time: "
        + ", ".join(f"{name} {share:.0%}" for name, share in shares)
        + "."
    ]
    yield ["### Cost against work, milliseconds a picture"]
    yield growth(figures["growth"], figures["inference"]["grids"])
    yield ["### Networks in onnxruntime, one thread, milliseconds a call"]
    yield inference(figures["inference"])
    yield ["### The app"]
    yield app(figures["app"])


def training(figures: Figures) -> list[str]:
    """Both networks beside the loops that they are compared with."""
    names = list(figures["cnn"]["images_per_second"])
    lines = [row("", *names), row(*["---"] * (len(names) + 1))]
    for network in ("cnn", "mlp"):
        speeds, times = figures[network]["images_per_second"], figures[network]["against_textbook"]
        lines.append(row(network.upper(), *(f"{speeds[name]:,} ({times[name]:.2f}x)" for name in names)))
    flop, peak = figures["cnn"]["gflop_per_step"], figures["cnn"]["peak_gflops"]
    lines += ["", f"In brackets: of the textbook loop's. A step of the CNN has {flop['poster']} GFLOP in poster and "]
    lines[-1] += f"{flop['robust']} in robust; the best product of two matrices reaches {peak:,} GFLOP/s."
    vector = figures["cnn"].get("vector_units")
    if vector:
        lines[-1] += f" With its matrix units (AMX) left idle, a step of poster reaches {vector['gflops']:,} GFLOP/s, "
        lines[-1] += f"the best product {vector['peak_gflops']:,} in bf16 and {vector['peak_gflops_fp32']:,} in fp32."
    return lines


def phases(figures: Figures) -> list[str]:
    """The parts of a step."""
    names = sorted(figures["robust"], key=lambda name: -float(figures["robust"][name]))
    lines = [row("", *figures), row("---", *["---"] * len(figures))]
    return [*lines, *(row(name, *(f"{spent.get(name, 0):.1f}" for spent in figures.values())) for name in names)]


def growth(figures: Figures, grids: Figures) -> list[str]:
    """One row for each thing that grows."""
    titles = {"batch": "batch size", "data": "pictures of the data set", "clustering": "the same, clustering"}
    rows = [row(title, told(figures[key])) for key, title in {**titles, "latents": "latent space"}.items()]
    return [row("", ""), row("---", "---"), *rows, row("pictures of a grid, from onnxruntime", told(grids))]


def inference(figures: Figures) -> list[str]:
    """Each network at each size."""
    lines = [row("", "p50", "p99", "of eager torch"), row(*["---"] * 4)]
    calls = {name: of for name, of in figures.items() if " x " in name}
    lines += [
        row(name, f"{of['p50_ms']:.2f}", f"{of['p99_ms']:.2f}", f"{of['of_torch']:.2f}x") for name, of in calls.items()
    ]
    limits = ", ".join(f"{name}: {least:.2f}" for name, least in figures["limits"].items())
    opened, sizes = figures["open_ms"], figures["bytes"]
    stored = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in sizes.items())
    return [
        *lines,
        "",
        f"Beside that, what memory and processor would need: {limits} (caches may hold the weights). "
        f"Opening a bundle: {opened['p50_ms']:.0f}. Stored as {stored}.",
    ]


def app(figures: Figures) -> list[str]:
    """What is not among the goals."""
    sizes = ", ".join(f"{name} {size} MB" for name, size in figures["installed_mb"].items())
    start, slider, stroke = figures["start_s"], figures["slider"], figures["stroke"]
    left = f"{figures['windows_left_mb']} MB, {figures['threads_left']} threads and {figures['widgets_left']} widgets"
    return [
        f"Slider to picture: p50 {slider['p50_ms']:.1f} ms; pen to reading: p50 {stroke['p50_ms']:.1f} ms. First start "
        f"{start['first']:.2f} s, slowest of the others {start['slowest']:.2f} s. {figures['windows']} windows that "
        f"were opened and closed leave {left}. Installed: {sizes}."
    ]


def told(costs: Figures) -> str:
    """Sizes with their costs."""
    return ", ".join(f"{size}: {cost:.3f}" for size, cost in costs.items())


def row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
