"""The peers' side of `npm run peers`: one job per process, so that time and memory are each peer's own.

    python peers.py aggregate MODEL ANSWERS.csv LABELS.csv     crowd-kit
    python peers.py agreement ANSWERS.csv                      krippendorff, statsmodels
    python peers.py crowdlab ANSWERS.csv PROBABILITIES.csv CONSENSUS.csv   cleanlab
    python peers.py versions

Prints one JSON object.
"""

import importlib.metadata
import json
import resource
import sys
import time


def read_answers(path):
    import pandas

    # Class names stay text: the same classes as Quorate reads.
    return pandas.read_csv(path, dtype=str, keep_default_na=False)


def aggregate(model, path, out):
    import crowdkit.aggregation as peers

    began = time.perf_counter()
    answers = read_answers(path)
    read = time.perf_counter()
    labels = getattr(peers, model)().fit_predict(answers)
    fitted = time.perf_counter()
    labels.rename_axis("task").rename("label").to_csv(out)
    return {"read": read - began, "fit": fitted - read}


def agreement(path):
    import krippendorff
    import numpy
    from statsmodels.stats import inter_rater

    answers = read_answers(path).drop_duplicates(["task", "worker"])
    counts = answers.groupby(["task", "label"]).size().unstack(fill_value=0)
    alpha = krippendorff.alpha(value_counts=counts.to_numpy(), level_of_measurement="nominal")
    per_task = counts.sum(axis=1)
    # Fleiss' kappa is defined for one number of answers per task only.
    fleiss = inter_rater.fleiss_kappa(counts.to_numpy()) if per_task.nunique() == 1 else None
    return {"alpha": float(alpha), "fleiss": None if fleiss is None else float(numpy.asarray(fleiss))}


def crowdlab(path, probabilities, out):
    import numpy
    import pandas
    from cleanlab.multiannotator import get_label_quality_multiannotator

    answers = read_answers(path).drop_duplicates(["task", "worker"])
    model = pandas.read_csv(probabilities, dtype={"task": str}).set_index("task")
    code = {name: k for k, name in enumerate(model.columns)}
    wide = answers.assign(label=answers["label"].map(code)).pivot(index="task", columns="worker", values="label")
    model = model.loc[wide.index]
    found = get_label_quality_multiannotator(wide, model.to_numpy(), verbose=False, return_weights=True)
    labels = found["label_quality"]
    names = numpy.array(model.columns)
    pandas.DataFrame(
        {
            "task": wide.index,
            "label": names[labels["consensus_label"].to_numpy()],
            "confidence": labels["consensus_quality_score"].to_numpy(),
        }
    ).to_csv(out, index=False)
    return {"model_weight": float(found["model_weight"])}


def versions():
    names = ["cleanlab", "crowd-kit", "krippendorff", "pandas", "scikit-activeml", "scikit-learn", "statsmodels"]
    return {"python": sys.version.split()[0], **{name: importlib.metadata.version(name) for name in names}}


if __name__ == "__main__":
    jobs = {"aggregate": aggregate, "agreement": agreement, "crowdlab": crowdlab, "versions": versions}
    result = jobs[sys.argv[1]](*sys.argv[2:])
    result["peakMegabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps(result))
