"""Registers checks by the point of the contract that they cover, runs them, and tells what came out."""

import time
import traceback

CHECKS = []


class Failed(AssertionError):
    """A check that did not hold."""


class Skipped(Exception):
    """A check that the service's settings do not allow."""


def check(point, name, own=False):
    """Registers a check; `own` ones are about what the replaced system does not have."""

    def register(function):
        CHECKS.append({"point": point, "name": name, "own": own, "function": function})
        return function

    return register


def equal(found, expected, what=""):
    if found != expected:
        raise Failed(f"{what}: found {found!r}, expected {expected!r}")


def true(holds, what):
    if not holds:
        raise Failed(what)


def run(only="", contract=False):
    results = []
    for entry in CHECKS:
        title = f"{entry['point']} {entry['name']}"
        if only not in title or (contract and entry["own"]):
            continue
        start = time.monotonic()
        outcome, note = "passed", ""
        try:
            entry["function"]()
        except Skipped as skipped:
            outcome, note = "skipped", str(skipped)
        except Failed as failed:
            outcome, note = "failed", str(failed)
        except Exception:  # what breaks a check is a finding like any other
            outcome, note = "failed", traceback.format_exc(limit=3)
        milliseconds = round((time.monotonic() - start) * 1000)
        results.append(
            {"point": entry["point"], "name": entry["name"], "own": entry["own"], "outcome": outcome, "note": note,
             "milliseconds": milliseconds}
        )
    return results
