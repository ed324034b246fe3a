"""Evaluation: every section on data whose answer is known, and the command through the front door."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from infogan.export import classifier, evaluate_cli, samples
from infogan.export.bundle import Bundle, Posterior
from infogan.export.classifier import Classifier
from infogan.export.code_figures import Measured, categories_report, codes_report, continuous_report, read
from infogan.export.command import explained
from infogan.export.evaluate import evaluate
from infogan.export.evaluation_table import summary, table
from infogan.export.naming import Naming, name_continuous
from infogan.export.sample_figures import samples_report
from infogan.trainer import data, morphometry
from infogan.trainer.data import Pictures
from infogan.trainer.latents import Bernoulli, Categorical, LatentSpec, Uniform
from tiny import ROOT, SHARED_DATA, bars, write_data_set


def posterior(**codes: np.ndarray) -> Posterior:
    """Certain answers: probabilities are (n, k), means (n,)."""
    probs = {name: value for name, value in codes.items() if value.ndim == 2}
    mean = {name: value for name, value in codes.items() if value.ndim == 1}
    return Posterior(probs, mean, {name: np.full_like(value, 0.1) for name, value in mean.items()})


def test_categories_by_hand() -> None:
    """Category 0 holds four 1s and a 0; category 1 five 0s."""
    labels = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], np.uint8)
    found = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    naming = Naming("c1", np.array([1, 0]), np.array([[1, 9], [9, 1]]))
    section = categories_report(naming, posterior(c1=np.eye(2)[found]), Pictures(None, labels, ""))  # type: ignore[arg-type]
    assert section["accuracy"] == section["majority"] == 0.9
    assert section["labels"] == ("1", "0")
    assert section["precision"] == [0.8, 1]
    assert section["recall"] == [pytest.approx(5 / 6), 1]
    assert section["confusion"] == [[1, 4], [5, 0]]


def test_a_category_without_a_label_is_right_about_nothing() -> None:
    labels = np.array([0, 0, 1], np.uint8)
    naming = Naming("c1", np.array([0, -1, 1]), np.array([[5, 0], [4, 0], [0, 5]]))
    section = categories_report(naming, posterior(c1=np.eye(3)[[0, 1, 2]]), Pictures(None, labels, ""))  # type: ignore[arg-type]
    assert section["accuracy"] == pytest.approx(2 / 3)
    assert section["majority"] == 1
    assert section["precision"] == [1, 0, 1]


def test_a_code_that_is_the_slant_is_found_and_named() -> None:
    rng = np.random.default_rng(0)
    slant, width, noise = rng.uniform(-0.4, 0.4, 300), rng.uniform(2, 8, 300), rng.standard_normal(300)
    classes = rng.integers(2, size=300)
    test = measured(bars(slant, width), posterior(c2=slant, c3=noise), classes)
    section = continuous_report(LatentSpec(), {"test": test, "generated": test.within(np.arange(300) < 120)})
    assert section["c2"]["test"]["slant"] > 0.97
    assert min(figures["slant"] for figures in section["c2"]["generated_by_class"].values()) > 0.95
    assert abs(section["c2"]["test"]["width"]) < 0.25
    assert section["c2"]["explained_by_class"] < 0.05
    assert name_continuous(section) == {"c2": f"slant, r = {section['c2']['test']['slant']:.2f}"}


def test_a_code_that_only_repeats_another_or_the_class_follows_nothing() -> None:
    rng = np.random.default_rng(0)
    classes = rng.integers(2, size=300)
    slant, width = 0.3 * classes - 0.15 + 0.001 * rng.standard_normal(300), rng.uniform(2, 8, 300)
    codes = posterior(c2=classes + 0.01 * rng.standard_normal(300), c3=width)
    section = continuous_report(LatentSpec(), {"test": measured(bars(slant, width), codes, classes)})
    assert abs(section["c2"]["test"]["slant"]) < 0.3
    assert section["c2"]["explained_by_class"] > 0.99
    assert "c2" not in name_continuous(section)


def test_other_categories_are_controlled_for_as_well() -> None:
    """c3 repeats a second categorical code, which makes the slant."""
    rng = np.random.default_rng(0)
    style, width = rng.integers(3, size=300), rng.uniform(2, 8, 300)
    slant = 0.2 * style - 0.2 + 0.001 * rng.standard_normal(300)
    codes = posterior(k=np.eye(3)[style], c3=style + 0.01 * rng.standard_normal(300))
    spec = LatentSpec((Categorical("k", 3), Uniform("c3")))
    section = continuous_report(spec, {"test": measured(bars(slant, width), codes, np.zeros(300, int))})
    assert abs(section["c3"]["test"]["slant"]) < 0.3


def measured(images: np.ndarray, codes: Posterior, classes: np.ndarray) -> Measured:
    return Measured(read(codes), classes, morphometry.measure(images[:, 0]))


def test_codes_as_they_are_read() -> None:
    codes = read(posterior(k=np.array([[0.2, 0.8]]), b=np.array([[0.7]]), u=np.array([0.3])))
    assert {name: value.tolist() for name, value in codes.items()} == {"k": [[0, 1]], "b": [[1]], "u": [[0.3]]}


class PerfectBundle:
    """G draws its codes as brightness, column by column, and Q reads them back."""

    latents = LatentSpec((Categorical("k", 3), Bernoulli("b"), Uniform("u", 0, 4)))

    def generate(self, z: np.ndarray, c: np.ndarray) -> np.ndarray:
        return c[:, None, None, :].repeat(2, 2) / 4

    def infer(self, images: np.ndarray) -> Posterior:
        c = images[:, 0, 0] * 4
        return posterior(k=c[:, :3], b=c[:, 3:4], u=c[:, 4])


def test_codes_of_a_perfect_pair() -> None:
    bundle = PerfectBundle()
    figures = codes_report(bundle, samples.draw(bundle, 500))  # type: ignore[arg-type]
    assert figures["k"]["accuracy"] == figures["b"]["accuracy"] == 1
    assert figures["k"]["information"] == pytest.approx(np.log(3))
    assert figures["b"]["information"] == pytest.approx(np.log(2))
    assert figures["u"]["r_squared"] == pytest.approx(1)
    assert figures["u"]["entropy"] == pytest.approx(np.log(4))


def test_the_effect_of_a_code_is_relative_to_the_difference_of_two_pictures() -> None:
    """u moves one column over its whole range; two random ones differ by 4^2 / 6 there and by less elsewhere."""
    bundle = PerfectBundle()
    expected = np.sqrt(16 / (16 / 6 + 3 * (4 / 9) + 0.5))
    assert samples.effect(bundle, "u") == pytest.approx(expected, rel=0.1)  # type: ignore[arg-type]
    assert samples.effect(bundle, "b") == pytest.approx(expected / 4, rel=0.1)  # type: ignore[arg-type]
    assert samples.effect(bundle, "k") > 0.3  # type: ignore[arg-type]


class Brightness:
    """A stand-in for the classifier: two classes by brightness."""

    sha256, accuracy, tells = "0" * 64, 1.0, "label"

    def see(self, images: np.ndarray) -> classifier.Seen:
        flat = images.reshape(len(images), -1)
        return classifier.Seen((flat.mean(1) > 0.5).astype(int), flat[:, :4].astype(np.float32))


def spread_pictures(seed: int, n: int = 200) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.integers(2, size=(n, 1, 1, 1)) * 127 + rng.integers(128, size=(n, 1, 4, 4))).astype(np.uint8)


def report_on(fake: np.ndarray, given: np.ndarray, labels: tuple[int, int] = (0, 1)) -> dict:
    seen = Brightness().see(fake)
    train, test = (Pictures(spread_pictures(seed), None, "") for seed in (1, 2))
    return samples_report(Brightness(), seen, fake, (given, np.array(labels)), train, test)  # type: ignore[arg-type]


def test_samples_as_good_as_real_ones() -> None:
    fake = spread_pictures(3).astype(np.float32) / 255
    section = report_on(fake, Brightness().see(fake).classes)
    assert section["pictures"] == 200
    assert section["agreement"] == 1
    assert section["diversity"] == pytest.approx(1, abs=0.1)
    for name in ("precision", "recall", "coverage"):
        assert section["generated"][name] == pytest.approx(section["real"][name], abs=0.1)
    assert section["generated"]["smallest_share"] > 0.4


def test_categories_that_draw_another_digit_than_they_are_named_after_show() -> None:
    fake = spread_pictures(3).astype(np.float32) / 255
    assert report_on(fake, Brightness().see(fake).classes, labels=(1, 0))["agreement"] == 0


def test_a_collapsed_generator_shows() -> None:
    fake = np.repeat(spread_pictures(3, 1).astype(np.float32) / 255, 200, 0)
    section = report_on(fake, np.arange(200) % 2)
    assert section["generated"]["recall"] < 0.1
    assert section["generated"]["duplicates"] == 1
    assert section["generated"]["smallest_share"] == 0
    assert section["diversity"] < 0.01


def test_the_command_on_a_bundle_and_on_its_run(
    tiny_bundle_path: Path, tiny_run: Path, data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = []
    for source in (tiny_bundle_path, tiny_run):
        file = tmp_path / f"{len(reports)}.json"
        assert evaluate_cli.main([str(source), "--data-dir", str(data_dir), "--json", str(file)]) == 0
        reports.append(json.loads(file.read_text()))
        assert "c1 reads" in capsys.readouterr().out
    for report in reports:
        assert 0 <= report["categories"]["accuracy"] <= 1
        assert np.sum(report["categories"]["confusion"]) == report["model"]["test_pictures"] == 40
        assert set(report["codes"]) == {"c1", "c2", "c3"}
        assert set(report["continuous"]) == {"c2", "c3"}
        assert report["samples"]["classifier"]["tells"] == "label"  # one that was trained on this data set
        report.pop("seconds")
        report["model"].pop("name")
    assert reports[0] == reports[1]


def test_a_bundle_carries_what_evaluation_found(tiny_bundle: Bundle, tiny_bundle_path: Path, data_dir: Path) -> None:
    train, test = (data.load("tiny", data_dir, split) for split in ("train", "test"))
    report = evaluate(tiny_bundle, train, test, classifier.eye_for("tiny", train, test))
    assert tiny_bundle.manifest.quality.items() >= summary(report).items()
    assert tiny_bundle.manifest.meanings == name_continuous(report["continuous"])
    shares = [tiny_bundle.precision("c1", k) for k in range(10)]
    assert shares == pytest.approx(report["categories"]["precision"], abs=1e-4)
    assert tiny_bundle.precision("c2", 0) is None
    assert "c1 reads" in table(report)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--data-dir", "nowhere"], "nowhere is not a folder"),
        (["--dataset", "letters"], "unknown data set 'letters'"),
    ],
)
def test_errors_are_one_sentence(
    flags: list[str], expected: str, tiny_bundle_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate_cli.main([str(tiny_bundle_path), *flags]) == 1
    error = capsys.readouterr().err
    assert error.startswith("infogan-evaluate: ")
    assert expected in error
    assert error.count("\n") == 1


def test_a_data_set_of_other_pictures(
    tiny_bundle_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = np.zeros((20, 8, 8), np.uint8), np.zeros(20, np.uint8)
    monkeypatch.setitem(data.DATA_SETS, "small", write_data_set(tmp_path, {"train": small, "test": small}))
    assert evaluate_cli.main([str(tiny_bundle_path), "--dataset", "small", "--data-dir", str(tmp_path)]) == 1
    assert "small has pictures (1, 8, 8)" in capsys.readouterr().err


def test_a_missing_source(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("nothing.infogan", "nothing"):
        assert evaluate_cli.main([str(tmp_path / name)]) == 1
        assert "does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ModuleNotFoundError("No module named 'skimage'"), 1, "pip install"),
        (OSError(28, "No space left on device", "r.json"), 1, "No space left on device: r.json"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_whatever_stops_a_command_is_said_in_a_sentence(
    raised: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise raised

    assert explained("infogan-evaluate", fail) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("infogan-evaluate")
    assert error.count("\n") == 1


def test_the_shipped_classifier_is_the_published_one() -> None:
    shipped = Classifier.shipped("mnist")
    assert shipped is not None
    assert shipped.sha256 == classifier.CLASSIFIERS["mnist"][1]
    assert shipped.accuracy >= 0.99
    seen = shipped.see(np.zeros((3, 1, 28, 28), np.float32))
    assert seen.features.shape == (3, 64)
    assert (seen.features >= 0).all()
    assert Classifier.shipped("tiny") is None


@pytest.mark.skipif(not (SHARED_DATA / "mnist").is_dir(), reason="the real data is not here")
def test_the_shipped_classifier_is_as_accurate_as_it_says() -> None:
    shipped = Classifier.shipped("mnist", 2)
    assert shipped is not None
    test = data.load("mnist", SHARED_DATA / "mnist", "test")
    seen = shipped.see(np.asarray(test.images, np.float32) / np.float32(255))
    assert float((seen.classes == test.labels).mean()) == pytest.approx(shipped.accuracy, abs=0.0005)


@pytest.mark.parametrize("damage", [lambda model: model[:-100], lambda model: b"", lambda model: model + b" "])
def test_a_damaged_classifier_is_refused_in_a_sentence(
    damage: Callable[[bytes], bytes],
    tiny_bundle_path: Path,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, sha256 = classifier.CLASSIFIERS["mnist"]
    model = (ROOT / "assets" / name).read_bytes()
    (tmp_path / name).write_bytes(damage(model))
    monkeypatch.setattr(classifier.resources, "files", lambda package: tmp_path)
    monkeypatch.setitem(classifier.CLASSIFIERS, "tiny", (name, sha256))
    assert evaluate_cli.main([str(tiny_bundle_path), "--data-dir", str(data_dir)]) == 1
    assert "damaged or altered" in capsys.readouterr().err


def test_a_label_that_training_never_saw_is_never_right() -> None:
    naming = Naming("c1", np.array([1, 0]), np.array([[0, 5], [5, 0]]))
    labels = np.array([0, 1, 2], np.uint8)
    section = categories_report(naming, posterior(c1=np.eye(2)[[1, 0, 0]]), Pictures(None, labels, ""))  # type: ignore[arg-type]
    assert section["accuracy"] == pytest.approx(2 / 3)
    assert section["recall"] == [1, 1, 0]


def test_the_code_that_is_named_is_right_most_often() -> None:
    """A class without a label counts for nothing, whatever it holds."""
    crowded = Naming("a", np.array([0, -1, 1]), np.array([[5, 0], [0, 9], [0, 5]]))
    assert crowded.right == 10


def test_few_pictures_are_evaluated_without_comparing_them(tiny_bundle: Bundle, data_dir: Path) -> None:
    train, test = (data.load("tiny", data_dir, split) for split in ("train", "test"))
    assert test.labels is not None
    few = Pictures(test.images[:4], test.labels[:4], "")
    report = evaluate(tiny_bundle, train, few, Brightness())  # type: ignore[arg-type]
    assert "samples" not in report
    assert report["model"]["test_pictures"] == 4


def test_making_a_classifier_fails_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert classifier.main(["--data-dir", str(tmp_path / "nowhere"), "-o", str(tmp_path / "c.onnx")]) == 1
    assert "nowhere is not a folder" in capsys.readouterr().err
