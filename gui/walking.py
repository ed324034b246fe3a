"""Between the walk tab and the worker: pictures as it plays, and the making of an animation."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..export.ink import Picture
from ..trainer.errors import UserError
from . import jobs
from .animation import check_size, save_animation
from .file_dialog import ask_save_path
from .state import ExplorerState
from .translation import tr
from .walk_tab import WalkTab
from .worker import Worker

Tell = Callable[[str], object]

CHUNK = 16  # pictures of an animation that are made in one piece


class Walking:
    """Asks the worker for what the tab wants, and gives it what the worker answers."""

    def __init__(self, tab: WalkTab, state: ExplorerState, worker: Worker, tell: Tell, complain: Tell) -> None:
        self._tab, self._state, self._worker, self._tell, self._complain = tab, state, worker, tell, complain
        self._made: list[Picture] = []
        self._wanted = 0  # pictures of the animation that is being made
        tab.changed.connect(self.plan)
        tab.picture_wanted.connect(self._ask_picture)
        tab.save_wanted.connect(self.save)
        tab.cancelled.connect(self.cancel)

    def plan(self) -> None:
        """Show the walk around the present state, if it can be seen."""
        if self._state.bundle and self._tab.isVisible():
            self._tab.show_walk(self._tab.plan(self._state))

    def show_picture(self, pictures: Picture) -> None:
        """The worker's answer as it plays."""
        self._tab.set_picture(pictures[0])

    def save(self) -> None:
        """Let the user choose a name, and make the animation."""
        bundle = self._state.bundle
        filters = tr("GIF (*.gif);;Animated PNG (*.png);;Folder of PNG files (*)")
        path = bundle and ask_save_path(self._tab, tr("Save animation"), "walk", filters)
        if not bundle or not path:
            return
        walk, rate, scale = self._tab.plan(self._state), self._tab.rate.currentData(), self._tab.scale.value()
        times = walk.frame_times(rate)
        try:
            check_size(len(times), bundle.image_shape, scale)
        except UserError as error:
            self._complain(str(error))
            return
        parts = [times[start : start + CHUNK] for start in range(0, len(times), CHUNK)]
        self.cancel()  # of the animation that is being made, if any, nothing may come into this one
        self._made, self._wanted = [], len(times)
        self._tab.show_progress(0)
        # Each piece is delivered before the next one begins: when this runs, the list is complete and left alone.
        write = partial(_write, path, self._made, rate, scale, walk.repeat != "once")
        self._worker.request("animation", *(partial(jobs.frames, bundle, walk, part) for part in parts), write)

    def show_made(self, answer: "Picture | Path") -> None:
        """Some pictures more of the animation, or the file that is written."""
        if isinstance(answer, Path):
            self._end()
            self._tell(tr("Saved {name}", name=answer.name))
        else:
            self._made.extend(answer)
            self._tab.show_progress(len(self._made) / self._wanted)

    def cancel(self) -> None:
        """Make no animation after all; a file that is just being written is written whole."""
        self._worker.forget(["animation"])
        self._end()

    def _end(self) -> None:
        self._made, self._wanted = [], 0
        self._tab.show_progress(None)

    def _ask_picture(self, seconds: float) -> None:
        if self._state.bundle and self._tab.walk:
            self._worker.request("walk", partial(jobs.frames, self._state.bundle, self._tab.walk, [seconds]))


def _write(path: Path, made: list[Picture], rate: int, scale: int, loops: bool) -> Path:
    """Runs in the worker, when all pictures have come."""
    save_animation(path, made, rate, scale, loops)
    return path
