"""The bundle: checkpoint to ONNX, read, write, validate, run."""
