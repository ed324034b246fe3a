"""Ctrl-C and SIGTERM: finish the step, save, stop."""

import os
import signal
from types import FrameType, TracebackType
from typing import Any

_TOLD = b"\nstopping after this step, which is then saved; once more to stop at once\n"


class Interrupts:
    """Notes the first SIGINT or SIGTERM instead of dying; a second one acts as usual.

    The handler only sets a flag: Python runs it between any two bytecodes, also inside a save.

    Attributes:
        received: number of the signal that arrived, or None.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.received = number
        self._restore()
        os.write(2, _TOLD)  # print may be busy: this can run between any two bytecodes of it

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()
