"""Run by an old version of `datasets`: what the loading script answers to a list of calls, as JSON."""

import json
import sys

import datasets


def answer(script, config, arguments):
    try:
        dataset = datasets.load_dataset(script, config, split="test", trust_remote_code=True, **arguments)
    except Exception as error:  # noqa: BLE001 - whatever an old client raises
        return {"error": f"{type(error).__name__}: {error}"}
    column = "id" if "id" in dataset.column_names else dataset.column_names[0]
    kinds = {name: getattr(feature, "_type", None) for name, feature in dataset.features.items()}
    return {
        "ids": dataset.with_format("arrow")[column].to_pylist(),
        "kinds": kinds,
        "description": dataset.info.description,
        "version": str(dataset.info.version),
    }


def main(script, calls):
    answers = [answer(script, config, arguments) for config, arguments in json.loads(calls)]
    sys.stdout.write(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
