#!/usr/bin/env python3
"""Prints THIRD-PARTY-NOTICES.md: every package that ends up in a Gantry binary or runs beside it, with its licence."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# Third-party notices

Gantry is built with these packages. Their licence texts lie in their sources, as fetched by cargo and npm. This list is
made by `scripts/third-party-notices.py` from the two lock files.
"""


def rust():
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    own = set(metadata["workspace_members"])
    seen, todo = set(), [i for i in own if packages[i]["name"].startswith("gantry")]
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        for dependency in nodes[current]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    for identity in seen - own:
        package = packages[identity]
        # Temporal's crates name a file in place of a licence expression; it holds the MIT licence.
        yield package["name"], package["version"], package["license"] or "MIT (LICENSE.txt)"


def npm():
    lock = json.loads((ROOT / "workflows-ts/package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if path and not package.get("dev"):
            yield path.split("node_modules/")[-1], package["version"], package.get("license", "see its package.json")


def table(title, rows):
    yield f"\n## {title}\n\n| package | version | licence |\n| --- | --- | --- |"
    for name, version, licence in sorted(set(rows)):
        yield f"| {name} | {version} | {licence} |"


print(HEAD + "\n".join([*table("Rust", rust()), *table("TypeScript", npm())]))
