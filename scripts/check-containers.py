#!/usr/bin/env python3
"""Checks what no schema says about compose.yaml and the files that it mounts. Run by scripts/lint-containers.sh."""

import json
import re
import sys
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
# What a worker has after its grace period to give its tasks back; workers/runtime/src/serve.rs.
GIVE_BACK_SECONDS = 5
problems = []


def declared_ports():
    """The admin port of each queue, as activities/contracts declares them."""
    source = (ROOT / "activities/contracts/src/queues.rs").read_text()
    names = dict(re.findall(r'pub const (\w+): &str = "([a-z-]+)";', source))
    return {names[constant]: int(port) for constant, port in re.findall(r"(\w+) => Some\((\d+)\)", source)}


def expect(holds, problem):
    if not holds:
        problems.append(problem)


def load(path):
    return YAML(typ="safe").load(ROOT / path)


def exact(image):
    return re.search(r":v?\d+\.\d+[\w.-]*$", image) or image.startswith("gantry")


def plain_secret(name, value):
    secret = re.search(r"PASSWORD|PWD|SECRET|TOKEN|API_KEY|CREDENTIAL|CODEC_KEYS", name)
    return secret and not (name.endswith("_FILE") or str(value).startswith("file:"))


def check_service(name, service):
    expect(exact(service["image"]), f"{name}: the image {service['image']} has no exact tag")
    expect("logging" in service, f"{name}: its log is not rotated")
    expect(service.get("cap_drop") == ["ALL"], f"{name}: capabilities are not dropped")
    for port in service.get("ports", []):
        expect(str(port).startswith("127.0.0.1:"), f"{name}: port {port} is not on 127.0.0.1 alone")
    for variable, value in service.get("environment", {}).items():
        expect(not plain_secret(variable, value), f"{name}: {variable} is a secret in the environment")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0] if isinstance(volume, str) else volume.get("source", "")
        if source.startswith("."):
            expect((ROOT / source).exists(), f"{name}: {source} is not there")
            expect(volume.endswith(":ro"), f"{name}: {source} can be written")
    if "build" in service:
        expect((ROOT / service["build"]["dockerfile"]).is_file(), f"{name}: its Dockerfile is not there")


def check_worker(name, service, jobs):
    environment = service["environment"]
    grace = int(environment["GANTRY_GRACE_SECONDS"]) + GIVE_BACK_SECONDS
    stop = re.fullmatch(r"(\d+)s", service.get("stop_grace_period", ""))
    expect(stop and int(stop[1]) > grace, f"{name}: stop_grace_period has to be more than {grace}s")
    expect(service.get("read_only") is True, f"{name}: its file system can be written")
    expect(service.get("restart") == "unless-stopped", f"{name}: it is not started again")
    expect("GANTRY_HOST_ID" not in environment, f"{name}: its replicas would share one host queue")
    expect("replicas" in service["deploy"] and "limits" in service["deploy"]["resources"], f"{name}: no replicas or limits")
    port = int(environment["GANTRY_ADMIN_LISTEN"].rsplit(":", 1)[1])
    expect(PORTS.get(name) == port, f"{name}: the contracts give this queue the port {PORTS.get(name)}, not {port}")
    places = [(d["names"], d["port"]) for d in jobs.get(name, {}).get("dns_sd_configs", [])]
    expect(places == [([name], port)], f"{name}: Prometheus has no job {name} that looks for it at port {port}")
    names = [rule["replacement"] for rule in jobs["temporal"]["metric_relabel_configs"]]
    expect(name in names, f"{name}: the server's metrics do not get the name of this queue")


PORTS = declared_ports()
compose = load("compose.yaml")
jobs = {job["job_name"]: job for job in load("docker/prometheus/prometheus.yml")["scrape_configs"]}
workers = [name for name, service in compose["services"].items() if "GANTRY_ADMIN_LISTEN" in service.get("environment", {})]
expect(workers, "compose.yaml has no workers")
for name, service in compose["services"].items():
    check_service(name, service)
    if name in workers:
        check_worker(name, service, jobs)
for name, secret in compose["secrets"].items():
    expect(secret["file"] == f"./docker/secrets/{name}", f"secret {name}: not in the ignored folder docker/secrets")
    made = (ROOT / "scripts/compose-secrets.sh").read_text()
    expect(re.search(rf"\b{name}\b", made), f"secret {name}: scripts/compose-secrets.sh does not make it")

for key, values in load("docker/temporal/dynamic-config.yaml").items():
    expect(isinstance(values, list) and all("value" in value for value in values), f"dynamic-config.yaml: {key} has no values")
[source] = load("docker/grafana/provisioning/datasources/prometheus.yaml")["datasources"]
load("docker/grafana/provisioning/dashboards/gantry.yaml")
for path in (ROOT / "docker/grafana/dashboards").glob("*.json"):
    for panel in json.loads(path.read_text())["panels"]:
        for target in panel.get("targets", []):
            expect(target["datasource"]["uid"] == source["uid"], f"{path.name}: {panel['title']} asks another data source")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(bool(problems))
