"""How far Q reads what was set, in a sign and in words."""

import numpy as np
import pytest

from infogan.export.bundle import Posterior
from infogan.gui.wording import agreement
from infogan.trainer.latents import Categorical, Uniform


def read(mean: float, std: float, likeliest: int) -> Posterior:
    probs = np.full((1, 3), 0.1, np.float32)
    probs[0, likeliest] = 0.8
    return Posterior({"c1": probs}, {"c2": np.array([mean], np.float32)}, {"c2": np.array([std], np.float32)})


@pytest.mark.parametrize(
    ("mean", "std", "sign"),
    [
        (0.5, 0.2, "✓"),
        (0.68, 0.2, "✓"),
        (0.8, 0.2, "≈"),
        (0.2, 0.2, "≈"),
        (1.0, 0.2, "✗"),
        (0.5, 0.0, "✓"),
        (0.6, 0.0, "✗"),
    ],
)
def test_a_value(mean: float, std: float, sign: str) -> None:
    """Set to 0.5; a stranger's bundle may say that its deviation is 0."""
    found, words = agreement(Uniform("c2"), 0.5, read(mean, std, 0))
    assert found == sign
    assert {"✓": "one", "≈": "two", "✗": "More"}[sign] in words


@pytest.mark.parametrize(("set_class", "sign"), [(1, "✓"), (2, "✗")])
def test_a_class(set_class: int, sign: str) -> None:
    assert agreement(Categorical("c1", 3), set_class, read(0.0, 1.0, 1))[0] == sign
