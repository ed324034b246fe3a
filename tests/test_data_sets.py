"""Data sets beyond MNIST, each from tiny files in its official format that the test writes."""

import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from serving import serving_folder

from infogan.export import classifier
from infogan.export.attribute_figures import attributes_report
from infogan.export.bundle import Bundle, Posterior
from infogan.export.evaluate_cli import main as evaluate_main
from infogan.export.package import export_bundle
from infogan.gui.jobs import read
from infogan.gui.picture_file import read_picture
from infogan.gui.strokes import Drawing
from infogan.trainer import checkpoint, converted, data, originals, own_pictures
from infogan.trainer.archives import open_archive
from infogan.trainer.cli import main as train_main
from infogan.trainer.config import TrainConfig
from infogan.trainer.decoding import MAX_BYTES, PictureError, decode
from infogan.trainer.errors import UserError
from infogan.trainer.latents import Categorical, LatentSpec, Uniform
from infogan.trainer.omniglot import PARTS, Omniglot
from infogan.trainer.pictures import Attribute, Crop, Pictures, Preparation
from infogan.trainer.recipes import defaults
from infogan.trainer.resampling import area_weights, square
from tiny import TINY

SHARED_OMNIGLOT = Path(__file__).parents[2] / "shared" / "data" / "omniglot"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(originals.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(originals.OFFLINE_VARIABLE, "1")


def png(pixels: NDArray[np.uint8], kind: str = "PNG", **how: object) -> bytes:
    """A picture file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **how)
    return stream.getvalue()


def zipped(path: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, contents in files:
            archive.writestr(name, contents)
    return path


def load(name: str, folder: Path | None, split: data.Split = "train", **prepared: object) -> Pictures:
    """A split, prepared as the keywords say."""
    return data.load(name, folder, split, preparation=Preparation(**prepared))  # type: ignore[arg-type]


def as_written(drawn: NDArray[Any]) -> NDArray[Any]:
    """What is known of all pictures of a source, in its own order instead of the one that was drawn for them."""
    values = np.empty_like(drawn)
    values[np.random.default_rng(0).permutation(len(drawn))] = drawn
    return values


@given(n=st.integers(1, 12), m=st.integers(1, 12))
def test_an_area_average_shares_every_pixel_out_exactly(n: int, m: int) -> None:
    """Averaging n pixels to m is the same as repeating each m times and taking the mean of each n."""
    pixels = np.random.default_rng(n * 100 + m).uniform(0, 1, n)
    assert np.allclose(area_weights(n, m) @ pixels, np.repeat(pixels, m).reshape(m, n).mean(1))


def test_a_square_is_cut_from_the_middle_before_it_is_averaged() -> None:
    pixels = np.zeros((4, 8, 1), np.uint8)
    pixels[:, 2:6] = 200
    assert np.array_equal(square(pixels, 2), np.full((1, 2, 2), 200))
    assert square(pixels, 2, Crop(0.5)).min() == 200
    pixels[3] = 0
    assert np.array_equal(square(pixels, 2), [[[200, 200], [100, 100]]])
    pixels[0] = 0  # an eighth of four pixels further down is half a pixel
    assert np.array_equal(square(pixels, 1, Crop(0.5, 0.125)), [[[150]]])


@pytest.fixture
def omniglot(tmp_path: Path) -> Path:
    """Two alphabets with two characters in one zip, a third in the other; each drawn by twenty people."""
    folder = tmp_path / "omniglot"
    folder.mkdir()

    def drawings(part: str, alphabets: tuple[str, ...]) -> Iterable[tuple[str, bytes]]:
        for alphabet in alphabets:
            for character in (1, 2):
                for drawer in range(1, 21):
                    paper = np.full((105, 105), 255, np.uint8)
                    paper[50 : 50 + 2 * drawer] = 0
                    name = f"{part}/{alphabet}/character{character:02}/{character:04}_{drawer:02}.png"
                    yield name, png(np.asarray(Image.fromarray(paper).convert("1")))

    zipped(folder / "images_background.zip", drawings("images_background", ("Greek", "Sanskrit")))
    zipped(folder / "images_evaluation.zip", drawings("images_evaluation", ("Old_Church_Slavonic_(Cyrillic)",)))
    return folder


def test_omniglot_is_white_on_black_and_parted_by_who_drew_it(omniglot: Path) -> None:
    train, test = load("omniglot", omniglot), load("omniglot", omniglot, "test")
    assert train.images.shape == (3 * 2 * 16, 1, 28, 28)
    assert test.images.shape == (3 * 2 * 4, 1, 28, 28)
    # Drawer 1 left two black rows of 105.
    assert train.images.mean((1, 2, 3)).min() == pytest.approx(255 * 2 / 105, abs=1)
    assert test.images.mean() > train.images.mean()  # later drawers leave more ink
    assert train.attributes["alphabet"].names == ("Greek", "Old_Church_Slavonic_(Cyrillic)", "Sanskrit")
    assert np.bincount(train.attributes["character"].values).tolist() == [16] * 6
    assert train.attributes["character"].names[0] == "Greek 01"
    assert train.labels is None


def test_the_first_pictures_are_of_all_classes(omniglot: Path) -> None:
    """What looks at the first few pictures, to save time, must not see one alphabet only."""
    alphabets = load("omniglot", omniglot).attributes["alphabet"].values
    assert set(alphabets[:12].tolist()) == {0, 1, 2}


def test_alphabets_are_chosen_by_the_beginning_of_their_names(omniglot: Path) -> None:
    chosen = load("omniglot", omniglot, alphabets=("greek", "old church"))
    assert len(chosen.images) == 2 * 2 * 16
    assert chosen.attributes["alphabet"].names == ("Greek", "Old_Church_Slavonic_(Cyrillic)")
    with pytest.raises(UserError, match="--alphabets klingon: expected one of Greek, Old_Church"):
        load("omniglot", omniglot, alphabets=("klingon",))


def test_omniglot_without_a_zip_says_which(omniglot: Path) -> None:
    (omniglot / "images_evaluation.zip").unlink()
    with pytest.raises(UserError, match=r"images_evaluation\.zip not found in .*--data-dir, or unset INFOGAN_OFFLINE"):
        load("omniglot", omniglot)
    (omniglot / "images_evaluation.zip").write_bytes(b"PK\3\4 no zip")
    with pytest.raises(UserError, match="is not a zip that can be read"):
        load("omniglot", omniglot)


def test_what_is_missing_is_downloaded_and_verified(
    omniglot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One zip comes from the folder, the other from a server that first sends an altered one."""
    served = tmp_path / "served"
    served.mkdir()
    moved = (omniglot / "images_evaluation.zip").rename(served / "images_evaluation.zip")
    contents = moved.read_bytes()
    known = originals.Original(moved.name, len(contents), hashlib.sha256(contents).hexdigest())
    monkeypatch.setitem(PARTS, "images_evaluation", known)
    monkeypatch.delenv(originals.OFFLINE_VARIABLE)
    with serving_folder(served) as address:
        monkeypatch.setattr("infogan.trainer.omniglot.MIRROR", address)
        for wrong in (contents[:-1] + b"!", contents + b"!", contents[:-1]):
            moved.write_bytes(wrong)
            with pytest.raises(UserError, match=r"could not be downloaded from http.*images_evaluation\.zip \("):
                load("omniglot", omniglot)
        assert not [path for path in (tmp_path / "cache").rglob("*") if path.name.startswith("images")]
        moved.write_bytes(contents)
        expected = load("omniglot", omniglot)
    again = load("omniglot", omniglot)  # from the cache, where the server is gone
    assert np.array_equal(again.images, expected.images)
    assert len(again.attributes["alphabet"].names) == 3


@pytest.mark.skipif(not SHARED_OMNIGLOT.is_dir(), reason="the real Omniglot is not here")
def test_the_real_omniglot_has_all_its_characters() -> None:
    real = Omniglot(SHARED_OMNIGLOT, Preparation())
    assert len(real.members("train")) == 1623 * 16
    assert len(real.members("test")) == 1623 * 4
    assert [len(names) for names in real.attributes.values()] == [50, 1623]


@pytest.mark.parametrize("kind", ["csv", "official"])
def test_celeba_takes_the_inner_face_and_both_tables(tmp_path: Path, kind: str) -> None:
    face = np.zeros((64, 64, 3), np.uint8)
    face[9:57, 8:56] = (250, 100, 0)
    names = [f"{number:06}.jpg" for number in (1, 2, 162_770, 162_771, 200_000)]
    zipped(
        tmp_path / "celeba64.zip", ((f"celeba64/{name}", png(face, "JPEG", quality=95)) for name in (*names, "x.jpg"))
    )
    if kind == "csv":
        table = "file,bangs,smiling\n" + "".join(f"{name},{i % 2},1\n" for i, name in enumerate(names))
        (tmp_path / "attributes.csv").write_text(table)
    else:
        table = "5\nBangs Smiling\n" + "".join(f"{name} {1 if i % 2 else -1:2d}  1\n" for i, name in enumerate(names))
        (tmp_path / "list_attr_celeba.txt").write_text(table)
    train, test = load("celeba", tmp_path), load("celeba", tmp_path, "test")
    assert train.images.shape == (3, 3, 32, 32)
    assert test.images.shape == (2, 3, 32, 32)
    assert np.abs(train.images[0].mean((1, 2)) - (250, 100, 0)).max() < 6
    assert as_written(train.attributes["bangs"].values).tolist() == [0, 1, 0]
    assert train.attributes["smiling"].names == ("no smiling", "smiling")
    assert load("celeba", tmp_path, colour="grey", image_size=64).images.shape == (3, 1, 64, 64)


def test_celeba_says_what_is_missing_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="its terms must be accepted first"):
        load("celeba", tmp_path)
    zipped(tmp_path / "celeba64.zip", [("000001.jpg", png(np.zeros((64, 64, 3), np.uint8), "JPEG"))])
    with pytest.raises(UserError, match=r"none of attributes\.csv"):
        load("celeba", tmp_path)
    (tmp_path / "attributes.csv").write_text("file,bangs\n000001.jpg,1,0\n")
    with pytest.raises(UserError, match="is not a table of CelebA's attributes"):
        load("celeba", tmp_path)


def test_svhn_in_its_official_format(tmp_path: Path) -> None:
    from scipy.io import savemat

    rng = np.random.default_rng(0)
    written = {}
    for split, n in (("train", 12), ("test", 5)):
        pixels, labels = rng.integers(0, 256, (32, 32, 3, n), np.uint8), 1 + np.arange(n)[:, None] % 10  # 10 is a 0
        written[split] = pixels, labels
        savemat(tmp_path / f"{split}_32x32.mat", {"X": pixels, "y": labels})
    for split, (pixels, labels) in written.items():
        pictures = load("svhn", tmp_path, split)  # type: ignore[arg-type]
        assert np.array_equal(as_written(pictures.images), pixels.transpose(3, 2, 0, 1))
        assert pictures.labels is not None
        assert np.array_equal(as_written(pictures.labels), labels[:, 0] % 10)
    savemat(tmp_path / "train_32x32.mat", {"X": pixels[:16], "y": labels})
    with pytest.raises(UserError, match="expected uint8"):
        load("svhn", tmp_path)
    (tmp_path / "train_32x32.mat").write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="is not a MATLAB file of SVHN"):
        load("svhn", tmp_path)
    (tmp_path / "train_32x32.mat").unlink()
    with pytest.raises(UserError, match=r"train_32x32\.mat not found"):
        load("svhn", tmp_path)


@pytest.mark.parametrize("packed", [True, False])
def test_cifar_in_its_official_format(tmp_path: Path, packed: bool) -> None:
    rng = np.random.default_rng(0)
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    records = {
        name: rng.integers(0, 10, (3, 3073), np.uint8)
        for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
    }
    for name, record in records.items():
        (folder / f"{name}.bin").write_bytes(record.tobytes())
    if packed:
        with tarfile.open(tmp_path / "cifar-10-binary.tar.gz", "w:gz") as tar:
            tar.add(folder, folder.name)
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    train, test = load("cifar-10", tmp_path), load("cifar-10", tmp_path, "test")
    assert train.images.shape == (15, 3, 32, 32)
    assert test.labels is not None
    assert np.array_equal(as_written(test.images).reshape(3, -1), records["test_batch"][:, 1:])
    assert np.array_equal(as_written(test.labels), records["test_batch"][:, 0])
    assert test.label_names[6] == "frog"
    with pytest.raises(UserError, match="--image-size 64: cifar-10 has pictures of 32x32"):
        load("cifar-10", tmp_path, image_size=64)


def test_cifar_of_another_size_is_refused(tmp_path: Path) -> None:
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        (tmp_path / f"{name}.bin").write_bytes(bytes(3072))
    with pytest.raises(UserError, match="has 3072 bytes, expected records of 3073"):
        load("cifar-10", tmp_path)


def blob(rng: np.random.Generator, width: int, height: int) -> NDArray[np.uint8]:
    """A picture in colour: a bright disc on dark ground."""
    y, x = np.mgrid[:height, :width]
    disc = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / rng.uniform(2.5, 4)) ** 2
    return np.where(disc[:, :, None], rng.integers(128, 256, 3), rng.integers(0, 64, 3)).astype(np.uint8)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Two sub-folders of pictures of many sizes and formats, and ten files that only look like pictures."""
    rng, root = np.random.default_rng(3), tmp_path / "pictures"
    for folder in ("cats", "dogs"):
        (root / folder).mkdir(parents=True)
        for i in range(30):
            pixels = blob(rng, int(rng.integers(20, 90)), int(rng.integers(20, 90)))
            kind, suffix = (("PNG", "png"), ("JPEG", "jpg"), ("BMP", "bmp"), ("WEBP", "webp"), ("GIF", "gif"))[i % 5]
            (root / folder / f"{i:02}.{suffix}").write_bytes(png(pixels, kind))
    whole = (root / "cats" / "00.png").read_bytes()
    for i in range(10):
        broken = (b"", b"GIF89a", whole[: len(whole) // 2], b"no picture at all", whole[::-1])[i % 5]
        (root / "dogs" / f"broken{i}.png").write_bytes(broken)
    (root / "notes.txt").write_text("not a picture, and not said to be one")
    return root


def test_own_pictures_are_read_and_broken_ones_named(own: Path) -> None:
    train, test = load("folder", own), load("folder", own, "test")
    assert train.images.shape[1:] == (3, 32, 32)
    assert len(train.images) + len(test.images) == 60
    assert train.labels is not None
    assert train.label_names == ("cats", "dogs")
    assert set(train.labels.tolist()) == {0, 1}
    (note,) = train.notes
    assert "left out: dogs/broken0.png (" in note
    assert len(train.notes + test.notes) == 2 or "10 pictures were left out" in note
    assert load("folder", own).notes == train.notes  # also when they come from the cache


def test_a_zip_of_pictures_is_as_good_as_the_folder(own: Path, tmp_path: Path) -> None:
    packed = zipped(
        tmp_path / "pictures.zip", ((str(p.relative_to(own)), p.read_bytes()) for p in own.rglob("*") if p.is_file())
    )
    assert np.array_equal(load("folder", packed).images, load("folder", own).images)


def test_what_was_converted_is_mapped_until_the_folder_changes(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = load("folder", own)
    assert "converting" in capsys.readouterr().err
    assert np.array_equal(load("folder", own).images, first.images)
    assert "converting" not in capsys.readouterr().err
    (kept,) = (tmp_path / "cache" / "folder").glob("*.bin")
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    assert load("folder", own).fingerprint == first.fingerprint
    assert "converting" in capsys.readouterr().err
    (own / "cats" / "00.png").unlink()
    assert len(load("folder", own).images) < len(first.images) + 1
    assert "converting" in capsys.readouterr().err


def test_pictures_can_be_grey_inverted_or_larger(own: Path, tmp_path: Path) -> None:
    grey = load("folder", own, colour="grey", image_size=48)
    assert grey.images.shape[1:] == (1, 48, 48)
    dark = load("folder", own, colour="grey", image_size=48, invert=True)
    assert np.array_equal(dark.images, 255 - grey.images)
    scans = tmp_path / "scans"
    scans.mkdir()
    for i in range(12):
        (scans / f"{i}.png").write_bytes(png(np.full((40, 30), 20 * i, np.uint8)))
    assert load("folder", scans).images.shape == (11, 1, 32, 32)
    assert load("folder", scans).labels is None


def test_folders_of_the_same_name_are_different_labels(tmp_path: Path) -> None:
    for folder in ("all/red/old", "all/blue/old", "all"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for i in range(4):
            (tmp_path / folder / f"{i}.png").write_bytes(png(blob(np.random.default_rng(i), 20, 20)))
    train = load("folder", tmp_path)
    assert train.label_names == (".", "blue/old", "red/old")


def test_a_folder_without_pictures_says_what_was_expected(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match=r"holds no picture; expected files ending in \.bmp"):
        load("folder", empty)
    (empty / "a.png").write_bytes(b"no")
    with pytest.raises(UserError, match=r"not one of 1 train pictures of folder can be read, such as a\.png"):
        load("folder", empty)
    with pytest.raises(UserError, match="does not exist; expected a folder or a zip"):
        load("folder", tmp_path / "nowhere")
    with pytest.raises(UserError, match="name the folder or zip"):
        load("folder", None)


def test_levels_transparency_and_turning_are_understood() -> None:
    deep = np.array([[0, 32768, 65535]], np.uint16)
    assert decode(png(deep), "L").ravel().tolist() == [0, 128, 255]
    clear = np.zeros((2, 2, 4), np.uint8)
    clear[0, 0] = (10, 20, 30, 255)
    assert decode(png(clear), "RGB")[0].tolist() == [[10, 20, 30], [255, 255, 255]]
    wide = np.zeros((4, 8, 3), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn by 90 degrees"
    assert decode(png(wide, "JPEG", exif=exif), "RGB").shape == (8, 4, 3)


def test_a_picture_is_not_decoded_when_it_is_too_large() -> None:
    header = png(np.zeros((1, 1), np.uint8))
    bomb = header[:16] + (60_000).to_bytes(4, "big") * 2 + header[24:]
    with pytest.raises(PictureError, match=r"60000 x 60000 pixels are too many|damaged|none of"):
        decode(bomb, "L")
    with pytest.raises(PictureError, match="larger than 32 MB"):
        decode(bytes(MAX_BYTES + 1), "L")
    with pytest.raises(PictureError, match="none of PNG, JPEG, GIF, BMP, WEBP, TIFF"):
        decode(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "L")


def test_a_zip_cannot_promise_one_size_and_hold_another(tmp_path: Path) -> None:
    """An entry of zeros that grows to 64 MB is cut off and left out, and the rest is read."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", bytes(2 * MAX_BYTES))
        archive.writestr("fine.png", png(np.zeros((8, 8, 3), np.uint8)))
    pictures = load("folder", path)
    assert len(pictures.images) == 1
    assert "bomb.png (larger than 32 MB)" in pictures.notes[0]


@settings(max_examples=60)
@given(data=st.data())
def test_a_damaged_zip_is_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = zipped(folder / "p.zip", [(f"{i}.png", png(np.full((9, 9, 3), 25 * i, np.uint8))) for i in range(3)])
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged[: data.draw(st.integers(1, len(damaged)))])
    try:
        source = own_pictures.OwnPictures(path, Preparation())
    except UserError:
        return
    for member in source.members("train"):
        try:
            assert member.read().shape[1:] == (32, 32)
        except PictureError:
            continue


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever is root may read everything")
def test_a_file_that_may_not_be_read_is_left_out(own: Path) -> None:
    (own / "cats" / "01.jpg").chmod(0)
    assert "cats/01.jpg (Permission denied)" in load("folder", own).notes[0]


def test_a_link_to_nowhere_is_left_out(own: Path) -> None:
    (own / "cats" / "gone.png").symlink_to(own / "nowhere.png")
    assert "cats/gone.png (No such file" in " ".join(load("folder", own).notes + load("folder", own, "test").notes)


def test_files_are_in_the_same_order_everywhere(own: Path) -> None:
    paths = [file.path for file in open_archive(own).files]
    assert paths == sorted(paths)


def test_settings_that_do_not_apply_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--alphabets does not apply to mnist"):
        load("mnist", tmp_path, alphabets=("greek",))
    with pytest.raises(UserError, match="--image-size must be a multiple of 4"):
        TrainConfig(image_size=30).check()


def test_each_data_set_has_settings_that_work() -> None:
    for name in data.DATA_SETS:
        for recipe in ("robust", "poster"):
            for network in ("cnn", "mlp"):
                defaults(recipe, network, name).check()
    assert defaults("poster", "cnn", "celeba").categorical == (10,) * 10
    assert defaults("robust", "cnn", "svhn").uniform == 4


def test_from_own_pictures_to_a_bundle_and_its_figures(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: train, evaluate, export; in colour, named by the sub-folders, broken files told."""
    run, bundle = tmp_path / "run", tmp_path / "own.infogan"
    flags = [flag for flag in TINY if flag not in ("--dataset", "tiny")]
    assert train_main([*flags, "--dataset", "folder", "--data-dir", str(own), "--steps", "4", "--out", str(run)]) == 0
    assert "left out: dogs/broken0.png" in capsys.readouterr().err
    state, _ = checkpoint.newest(run)
    export_bundle(state, bundle, data_dir=own)
    opened = Bundle.open(bundle)
    assert opened.image_shape == (3, 32, 32)
    assert set(opened.manifest.labels["c1"]) <= {None, "cats", "dogs"}
    noise, _ = opened.latents.sample(np.random.default_rng(0), 1)
    # In the app the same file is read as it was learned, to the last bit.
    dropped = read(opened, Drawing(picture=read_picture(own / "cats" / "00.png")), noise)
    assert dropped.picture is not None
    assert (load("folder", own).images / np.float32(255) == dropped.picture).all((1, 2, 3)).any()
    assert "MIT" not in opened.manifest.licence
    assert evaluate_main([str(bundle), "--data-dir", str(own)]) == 0
    printed = capsys.readouterr()
    assert "classifier of label" in printed.out
    assert "left out" in printed.err


def test_unlabelled_pictures_are_measured_by_their_components(own: Path) -> None:
    for folder in ("cats", "dogs"):
        for path in (own / folder).iterdir():
            path.rename(own / f"{folder}{path.name}")
    train, test = load("folder", own), load("folder", own, "test")
    eye = classifier.eye_for("folder", train, test)
    assert isinstance(eye, classifier.PrincipalComponents)
    seen = eye.see(np.asarray(test.images, np.float32) / np.float32(255))
    assert seen.features.shape[1] <= 64
    assert not seen.classes.any()


def test_attributes_are_told_by_one_classifier_that_is_kept(omniglot: Path, tmp_path: Path) -> None:
    train, test = load("omniglot", omniglot), load("omniglot", omniglot, "test")
    said: list[str] = []
    first = classifier.eye_for("omniglot", train, test, say=said.append)
    again = classifier.eye_for("omniglot", train, test, say=said.append)
    assert isinstance(first, classifier.Classifier)
    assert first.tells == "alphabet, character"
    assert first.sha256 == again.sha256
    assert len(said) == 1
    assert first.see(np.asarray(test.images, np.float32) / np.float32(255)).classes.max() < 3


def test_a_cache_that_changes_all_the_time_is_said(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converted, "digest_of", lambda path: "another")
    with pytest.raises(UserError, match="changes while it is read"):
        load("folder", own)


def test_a_code_that_says_an_attribute_is_found() -> None:
    """One code is the attribute, one says nothing, a continuous one has its sign."""
    rng = np.random.default_rng(0)
    values = rng.integers(2, size=400)
    spec = LatentSpec((Categorical("same", 2), Categorical("other", 2), Uniform("sign")))
    probs = {"same": np.eye(2)[1 - values], "other": np.eye(2)[rng.integers(2, size=400)]}
    mean = {"sign": values - 0.5 + rng.uniform(-0.4, 0.4, 400)}
    posterior = Posterior(probs, mean, mean)
    pictures = Pictures(np.zeros((400, 1, 1, 1), np.uint8), None, "", (), {"smile": Attribute(values, ("no", "yes"))})
    figures = attributes_report(spec, (posterior, posterior), pictures, pictures)["smile"]
    assert figures["same"]["balanced_accuracy"] == 1
    assert figures["same"]["information"] == pytest.approx(np.log(2), abs=0.01)
    assert figures["sign"]["balanced_accuracy"] > 0.9
    assert figures["other"]["balanced_accuracy"] < 0.6
    assert figures["other"]["information"] < 0.02


def test_small_data_are_not_saved_after_every_epoch(own: Path, tmp_path: Path) -> None:
    """Three batches an epoch: samples are drawn after every other one, and at the end."""
    run = tmp_path / "run"
    flags = ["--dataset", "folder", "--data-dir", str(own), "--steps", "11", "--save-every", "6", "--out", str(run)]
    assert train_main([*TINY, *flags]) == 0
    assert [path.name for path in sorted((run / "samples").glob("step-*.png"))] == [
        f"step-{step:08}.png" for step in (6, 11)
    ]
