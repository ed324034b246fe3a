"""Digits of other people's pens, drawn on the pad with a pointer: read, and read alike wherever and however large."""

import json
from pathlib import Path

import numpy as np
import pytest
from driving import stroke
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from infogan.export.bundle import Bundle
from infogan.gui.pad import Pad
from tiny import ROOT, SHARED_DATA

DIGITS = SHARED_DATA / "strokes" / "pendigits_300.json"
OWN = Path(__file__).parent / "data" / "strokes.json"
SHIPPED = ROOT / "assets" / "mnist-cnn.infogan"
PLACES = ((400, 0.1, 0.1, 0.8), (400, 0.02, 0.55, 0.4), (613, 0.3, 0.05, 0.65))  # side of the pad; left, top, size


def drawn(pad: Pad, item: dict, place: tuple[int, float, float, float]) -> np.ndarray:
    """What the network sees of a digit that was drawn somewhere on the pad."""
    side, left, top, size = place
    pad.resize(side, side)
    strokes = [np.array(points, float)[:, :2] for points in item["strokes"]]
    low = np.min([points.min(axis=0) for points in strokes], axis=0)
    extent = np.max([points.max(axis=0) for points in strokes], axis=0) - low
    pad.set_drawing(type(pad.drawing)())
    for points in strokes:
        within = (points - low) / extent.max() * size + (left, top)
        stroke(pad, [QPointF(x, y) for x, y in within * side])
    return pad.drawing.normalise()


@pytest.mark.parametrize("path", [DIGITS, OWN], ids=["300 of UCI", "our own"])
def test_pen_digits_are_read(qtbot: QtBot, path: Path) -> None:
    if not path.exists():
        pytest.skip(f"{path} is not here")
    pad, bundle, items = Pad(), Bundle.open(SHIPPED), json.loads(path.read_text())
    qtbot.addWidget(pad)
    read = []
    for place in PLACES:
        pictures = np.stack([drawn(pad, item, place) for item in items])[:, None]
        classes = bundle.infer(pictures).probs["c1"].argmax(axis=1)
        read.append([bundle.label("c1", int(index)) for index in classes])
    right = np.mean([label == str(item["label"]) for label, item in zip(read[0], items, strict=True)])
    same = [np.mean(np.array(other) == read[0]) for other in read[1:]]
    print(f"{right:.1%} of {len(items)} read rightly; the same answer elsewhere: {same}")
    assert right >= 0.86
    assert min(same) >= 0.99
