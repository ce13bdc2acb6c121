#!/usr/bin/env python3
"""Runs the operator cases of Scripts/write-operator-cases.py with other runtimes.

    Scripts/run-operator-cases.py DIR onnxruntime|tract

Prints `case <TAB> pass|fail <TAB> reason` a line, in the order of DIR/cases.tsv. A case passes when
every output has the expected dtype and shape and lies within the case's tolerances, for bfloat16 a
relative 2**-6: the rule of onnx's own runner, and of this project's. Each case runs in a child process, because a runtime may abort.

Needs numpy, ml_dtypes, onnx and the runtime.
"""

import ctypes
import multiprocessing
import pathlib
import sys
import warnings

import ml_dtypes
import numpy as np
import onnx
from onnx import numpy_helper


def content(path, kind):
    """A data file as Python values."""
    data = path.read_bytes()
    if kind == "sequence_type":
        message = onnx.SequenceProto()
        message.ParseFromString(data)
        return numpy_helper.to_list(message)
    if kind == "optional_type":
        message = onnx.OptionalProto()
        message.ParseFromString(data)
        return numpy_helper.to_optional(message)
    message = onnx.TensorProto()
    message.ParseFromString(data)
    return numpy_helper.to_array(message)


def files(folder, stem, infos):
    count = len(list(folder.glob(f"{stem}_*.pb")))
    return [
        content(folder / f"{stem}_{index}.pb", infos[index].type.WhichOneof("value"))
        for index in range(count)
    ]


def difference(found, expected, rtol, atol):
    if expected is None or found is None:
        return None if expected is found else "presence"
    if isinstance(expected, (list, tuple)):
        if not isinstance(found, (list, tuple)) or len(found) != len(expected):
            return "length"
        return next(
            filter(None, (difference(x, y, rtol, atol) for x, y in zip(found, expected))), None
        )
    found, expected = np.asarray(found), np.asarray(expected)
    if expected.dtype.kind in "OUST":
        same = found.shape == expected.shape and (found.astype(str) == expected.astype(str)).all()
        return None if same else "text"
    if found.dtype != expected.dtype:
        return f"dtype {found.dtype}, not {expected.dtype}"
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    if expected.dtype == ml_dtypes.bfloat16:
        # The rule of onnx/backend/test/runner/__init__.py: two steps of the type.
        rtol = max(rtol, 2**-6)
    if expected.dtype.kind in "iub":
        wide = expected.dtype if expected.dtype.itemsize == 8 else np.int64
    close = np.isclose(
        found.astype(wide), expected.astype(wide), rtol=rtol, atol=atol, equal_nan=True
    )
    return None if close.all() else "values"


def onnxruntime_session(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    outputs = [value.name for value in session.get_outputs()]

    def narrow(graph_values):
        return any(value.type in NARROW for value in graph_values)

    def run(inputs):
        if not narrow(session.get_inputs()) and not narrow(session.get_outputs()):
            return session.run(None, dict(zip(names, inputs)))
        # numpy lacks these types: their bytes go in and out as integers of the same width.
        feed = {}
        for name, value, info in zip(names, inputs, session.get_inputs()):
            if info.type in NARROW:
                number, _ = NARROW[info.type]
                integer = np.dtype(f"u{value.dtype.itemsize}")
                feed[name] = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(
                    np.array(value, order="C").view(integer), number
                )
            else:
                feed[name] = onnxruntime.OrtValue.ortvalue_from_numpy(value)
        results = []
        for result in session.run_with_ort_values(outputs, feed):
            if result.data_type() in NARROW:
                _, dtype = NARROW[result.data_type()]
                size = int(np.prod(result.shape())) * dtype.itemsize
                data = ctypes.string_at(result.data_ptr(), size)
                results.append(np.frombuffer(data, dtype).reshape(result.shape()))
            else:
                results.append(result.numpy())
        return results

    return run


def tract_session(path):
    import tract

    model = tract.onnx().load(path).into_model().into_runnable()

    def run(inputs):
        results = model.run([np.array(value, order="C") for value in inputs])
        return [value.to_numpy() for value in results]

    return run


# Types of one or two bytes that numpy lacks: their numbers in ONNX, and numpy extensions for them.
NARROW = {
    f"tensor({name})": (number, np.dtype(getattr(ml_dtypes, extension)))
    for name, number, extension in (
        ("bfloat16", 16, "bfloat16"),
        ("float8e4m3fn", 17, "float8_e4m3fn"),
        ("float8e4m3fnuz", 18, "float8_e4m3fnuz"),
        ("float8e5m2", 19, "float8_e5m2"),
        ("float8e5m2fnuz", 20, "float8_e5m2fnuz"),
        ("float8e8m0", 24, "float8_e8m0fnu"),
    )
}

SESSIONS = {"onnxruntime": onnxruntime_session, "tract": tract_session}


def outcome(folder, runtime, rtol, atol):
    graph = onnx.load(folder / "model.onnx").graph
    run = SESSIONS[runtime](str(folder / "model.onnx"))
    for data in sorted(folder.glob("test_data_set_*")):
        expected = files(data, "output", graph.output)
        found = run(files(data, "input", graph.input))
        if len(found) != len(expected):
            return "count of outputs"
        for x, y in zip(found, expected):
            if reason := difference(x, y, rtol, atol):
                return reason
    return None


def child(root, runtime, rows, pipe):
    warnings.simplefilter("ignore")
    for case, rtol, atol in rows:
        try:
            reason = outcome(root / case, runtime, rtol, atol)
        except BaseException as error:
            reason = f"{type(error).__name__}: {error}".replace("\n", " ").replace("\t", " ")[:160]
        pipe.send((case, reason))
    pipe.close()


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in SESSIONS:
        sys.exit(__doc__)
    root, runtime = pathlib.Path(sys.argv[1]), sys.argv[2]
    rows = []
    for line in (root / "cases.tsv").read_text().splitlines():
        case, rtol, atol, _ = line.split("\t")
        rows.append((case, float(rtol), float(atol)))
    results = {}
    while len(results) < len(rows):
        rest = rows[len(results) :]
        receiver, sender = multiprocessing.Pipe(duplex=False)
        worker = multiprocessing.Process(target=child, args=(root, runtime, rest, sender))
        worker.start()
        sender.close()
        reason = "ended the process"
        try:
            for _ in rest:
                if not receiver.poll(60):
                    reason = "took longer than a minute"
                    break
                case, found = receiver.recv()
                results[case] = found
        except EOFError:
            pass
        worker.terminate()
        worker.join()
        if len(results) < len(rows):
            results[rows[len(results)][0]] = reason
    for case, _, _ in rows:
        reason = results[case]
        print(case, "fail" if reason else "pass", reason or "", sep="\t")


if __name__ == "__main__":
    main()
