#!/usr/bin/env python3
"""Runs the suite: see README.md."""

import argparse
import json
import sys

import client
import suite
from checks import agents, batch, body, events, lifecycle, otlp, reads, routes, safety, stream  # noqa: F401 - registers the checks


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", help="write the results as JSON to this file")
    arguments.add_argument("--only", default="", help="only checks whose name holds this text")
    arguments.add_argument("--contract", action="store_true", help="leave out what the replaced system does not have")
    arguments = arguments.parse_args()
    try:
        client.get("/api/health")
    except OSError as error:
        print(f"the service at {client.BASE.geturl()} does not answer: {error}", file=sys.stderr)
        return 2
    results = suite.run(arguments.only, arguments.contract)
    counts = {outcome: sum(result["outcome"] == outcome for result in results)
              for outcome in ("passed", "failed", "skipped")}
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as out:
            json.dump({"baseUrl": client.BASE.geturl(), "counts": counts, "checks": results}, out, indent=1)
    for result in results:
        if result["outcome"] != "passed":
            print(f"{result['outcome']}: {result['point']} {result['name']}: {result['note']}")
    print(json.dumps(counts))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
