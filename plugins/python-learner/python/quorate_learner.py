"""Brings a Python model into a Quorate run: `quorate run learner.use=python learner.script=model.py`.

    from quorate_learner import serve
    from sklearn.linear_model import LogisticRegression

    serve(lambda: LogisticRegression(max_iter=1000))

`serve` takes a function that makes a fresh model with scikit-learn's `fit(X, y, sample_weight=...)` and `predict_proba(X)`;
`sample_weight` is left out where `fit` has no such parameter, and `classes_` says which classes the columns are. Needs numpy and
pyarrow. Write to stderr only: stdout belongs to the protocol, and `print` goes to stderr here.
"""

import inspect
import json
import os
import random
import sys

import numpy as np
import pyarrow as pa


def serve(make):
    """Answers Quorate's requests until it closes the pipe."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    features, filled = None, 0
    while line := source.readline():
        request = json.loads(line)
        columns = _read(source.read(request["bytes"])) if request["bytes"] else {}
        if request["op"] == "features":
            if features is None:
                features = np.empty((request["rows"], request["columns"]), dtype=np.float32)
            block = columns["values"].reshape(-1, request["columns"])
            features[filled : filled + len(block)] = block
            filled += len(block)
            continue
        probability = _fit_predict(make, features, columns, request)
        payload = _write(probability)
        sink.write(json.dumps({"bytes": len(payload)}).encode() + b"\n" + payload)
        sink.flush()


def _fit_predict(make, features, columns, request):
    train, predict, classes = columns["rows"], columns["predict"], request["classes"]
    random.seed(request["seed"])
    np.random.seed(request["seed"])
    size = request["train"]
    train, labels, weights = train[:size], columns["labels"][:size], columns["weights"][:size]
    predict = predict[: request["predict"]]
    model = make()
    weighted = "sample_weight" in inspect.signature(model.fit).parameters
    model.fit(features[train], labels, **({"sample_weight": weights} if weighted else {}))
    found = np.asarray(model.predict_proba(features[predict]), dtype=np.float64)
    known = [int(k) for k in getattr(model, "classes_", range(classes))]
    if found.shape != (len(predict), len(known)):
        raise ValueError(f"predict_proba gave {found.shape}, expected {(len(predict), len(known))}")
    if not np.isfinite(found).all() or (found < 0).any():
        raise ValueError("predict_proba gave a number that is no probability")
    probability = np.zeros((len(predict), classes))
    probability[:, known] = found
    return probability


def _read(payload):
    table = pa.ipc.open_stream(payload).read_all()
    return {name: table.column(name).combine_chunks().to_numpy() for name in table.column_names}


def _write(probability):
    table = pa.table({"values": pa.array(probability.reshape(-1))})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()
