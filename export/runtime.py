"""The one place that imports onnxruntime.

Its official builds send usage data unless told not to (1.29 and later, also on Linux and macOS; two names of the switch
are in circulation). The decision is made once, when the library initialises: so the switch comes before the import.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["ORT_TELEMETRY_DISABLED"] = "1"

import onnxruntime

from ..trainer.memory import give_back

onnxruntime.disable_telemetry_events()

_ONLY_WARN_ON_FATAL = 4
_LARGEST_FOLDED = 64 << 20  # bytes; the largest weights of the CNN have 26 MB


def open_session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A CPU session of an ONNX model.

    Worker threads do not spin between runs: they would keep a core busy for a second after each slider move.

    Args:
        model: the serialized model. Never a path: onnxruntime would read files that the model names beside it.
        threads: how many share one operator.

    Raises:
        Exception: onnxruntime's own, of many types, when it cannot use the model.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ONLY_WARN_ON_FATAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.load_model_format", "ONNX")
    options.add_session_config_entry("session.allow_released_opsets_only", "1")
    # A small graph of constants may not grow into a large one while it is loaded.
    options.add_session_config_entry("optimization.constant_folding_max_output_size_in_bytes", str(_LARGEST_FOLDED))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    session._model_bytes = None  # else it keeps the file too, to begin anew with other providers: there are none here
    give_back()
    return session
