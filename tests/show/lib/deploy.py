"""What no linter knows of the files in deploy/: that they fit each other and the program. Prints what is wrong, a line each.

    deploy.py compose             compose.yaml, its environment, and what Grafana and Prometheus are told
    deploy.py kubernetes FOLDER   FOLDER/all.yaml, as kustomize rendered it; writes its core kinds to FOLDER/core/
"""

import json
import re
import sys
import tomllib
from pathlib import Path

import yaml

DEPLOY = Path("deploy")
PORT = 9797
OPERATOR = "monitoring.coreos.com/"


def load(path):
    return yaml.safe_load(Path(path).read_text())


def compose():
    path = DEPLOY / "compose/compose.yaml"
    text = path.read_text()
    whole = load(path)
    services = whole["services"]
    example = (path.parent / "env.example").read_text()

    for name, service in services.items():
        ours = service["image"].startswith("assayd:")
        if not ours and not re.search(r":v?[\d.]+@sha256:[0-9a-f]{64}$", service["image"]):
            yield f"{name}: its image is pinned by no version and digest"
        if service.get("read_only") is not True:
            yield f"{name}: its root file system can be written"
        if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
            yield f"{name}: it has capabilities"
        if "no-new-privileges:true" not in service.get("security_opt", []):
            yield f"{name}: it may gain privileges"
        if str(service.get("user", "0")).split(":")[0] in ("0", "root"):
            yield f"{name}: it runs as root"
        if not service.get("healthcheck", {}).get("test"):
            yield f"{name}: nobody asks how it is"
        elif ours and service["healthcheck"]["test"][1:] != ["/usr/local/bin/assayd", "health", "--url", f"http://127.0.0.1:{PORT}"]:
            yield f"{name}: its health is asked otherwise than by assayd health at its port"
        if "mem_limit" not in service:
            yield f"{name}: its memory has no limit"
        for port in service.get("ports", []):
            if not port.startswith("${BIND_ADDRESS:-127.0.0.1}:"):
                yield f"{name}: port {port} is open to more than this machine by default"
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and not (path.parent / volume["source"]).exists():
                yield f"{name}: {volume['source']} is not there"
            if volume["type"] == "bind" and volume.get("read_only") is not True:
                yield f"{name}: it may write to {volume['source']}"
            if volume["type"] == "volume" and volume["source"] not in whole["volumes"]:
                yield f"{name}: the volume {volume['source']} is not declared"
    if 'CMD ["/usr/local/bin/assayd", "health"]' not in (DEPLOY / "docker/Dockerfile").read_text():
        yield "the image does not ask itself by assayd health"
    profiles = [service.get("profiles") for service in services.values() if service["image"].startswith("assayd:")]
    if sorted(map(str, profiles)) != ["['demo']", "['gpu']", "['host']"]:
        yield f"the kinds of assayd are not demo, host and gpu: {profiles}"

    used = set(re.findall(r"\$\{([A-Z_]+)", text))
    known = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    for variable in used - set(known):
        yield f"{variable} is used and not in env.example"
    for variable in set(known) - used - {"COMPOSE_PROFILES"}:
        yield f"{variable} is in env.example and not used"
    for variable, value in known.items():
        if re.search(r"PASSWORD|KEY|SECRET|TOKEN", variable) and (value or "${" + variable + ":?" not in text):
            yield f"{variable} has a default"

    config = tomllib.loads((DEPLOY / "compose/config/assayd.toml").read_text())
    if config["server"]["listen"] != [f"0.0.0.0:{PORT}"]:
        yield "config/assayd.toml does not listen where compose.yaml publishes"
    prometheus = load(DEPLOY / "prometheus/prometheus.yml")
    targets = {t for job in prometheus["scrape_configs"] for one in job["static_configs"] for t in one["targets"]}
    if f"assayd:{PORT}" not in targets:
        yield "prometheus.yml does not scrape assayd"

    grafana = {volume["target"]: volume["source"] for volume in services["grafana"]["volumes"]}
    folder = DEPLOY / "grafana/provisioning"
    for provider in load(folder / "dashboards/assayd.yaml")["providers"]:
        if grafana.get(provider["options"]["path"]) != "../../dashboards":
            yield f"Grafana looks for dashboards in {provider['options']['path']}, where they are not mounted"
    sources = load(folder / "datasources/prometheus.yaml")["datasources"]
    if [source["url"] for source in sources] != ["http://prometheus:9090"]:
        yield "Grafana's data source is not the Prometheus beside it"
    interval = prometheus["global"]["scrape_interval"]
    if any(source["jsonData"]["timeInterval"] != interval for source in sources):
        yield f"Grafana's data source does not know the scrape interval of {interval}"


def kubernetes(folder):
    documents = [d for d in yaml.safe_load_all((folder / "all.yaml").read_text()) if d]
    core = [d for d in documents if not d["apiVersion"].startswith(OPERATOR)]
    (folder / "core").mkdir()
    for i, document in enumerate(core):
        (folder / "core" / f"{i}-{document['kind']}.yaml").write_text(yaml.safe_dump(document))

    kinds = {}
    for document in documents:
        kinds.setdefault(document["kind"], []).append(document)
        named = f"{document['kind']} {document['metadata']['name']}"
        if document["kind"] != "Namespace" and document["metadata"].get("namespace") != "assayd":
            yield f"{named} is in no namespace of ours"
        if document["kind"] == "Secret":
            yield f"{named}: a secret belongs in no repository"
        if document["apiVersion"].startswith(OPERATOR):
            yield from typed(document, named)
    yield from pod(kinds)

    rules = {}
    for path in sorted((DEPLOY / "prometheus/rules").glob("*.yml")):
        rules[path.stem] = load(path)["groups"]
    if "PrometheusRule" in kinds:
        groups = [group for one in kinds["PrometheusRule"] for group in one["spec"]["groups"]]
        if sorted(map(written, groups)) != sorted(written(group) for one in rules.values() for group in one):
            yield "the groups of the PrometheusRules are not those of deploy/prometheus/rules"


def written(value):
    return json.dumps(value, sort_keys=True)


def pod(kinds):
    """The restricted profile of the pod security standards, and what the program needs."""
    (stateful,) = kinds["StatefulSet"]
    spec = stateful["spec"]["template"]["spec"]
    if stateful["spec"]["replicas"] != 1:
        yield "one process writes the store: there must be one replica"
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"{field} is against the restricted profile"
    if spec.get("automountServiceAccountToken") is not False:
        yield "the pod has a token that it does not need"
    if spec["securityContext"].get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not set"
    if spec["securityContext"].get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccompProfile is not RuntimeDefault"
    for volume in spec["volumes"]:
        if not {"configMap", "emptyDir", "secret", "persistentVolumeClaim", "projected"} & set(volume):
            yield f"volume {volume['name']} is of a kind that the restricted profile forbids"
    (config,) = kinds["ConfigMap"]
    listen = tomllib.loads(config["data"]["assayd.toml"])["server"]["listen"]
    routes = Path("src/api/routes.rs").read_text()
    for container in spec["containers"]:
        context = container["securityContext"]
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            yield "privileges may be gained"
        if context.get("capabilities") != {"drop": ["ALL"]}:
            yield "capabilities are kept"
        if context.get("readOnlyRootFilesystem") is not True:
            yield "the root file system can be written"
        if "memory" not in container["resources"]["limits"] or "cpu" not in container["resources"]["requests"]:
            yield "memory has no limit, or CPU no request"
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        if listen != [f"0.0.0.0:{ports['http']}"]:
            yield f"the configuration listens on {listen}, the container's port is {ports['http']}"
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            get = container[probe]["httpGet"]
            if f'"{get["path"]}"' not in routes or get["port"] not in ports:
                yield f"{probe}: {get['path']} on {get['port']} is none of assayd's routes"
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        if not {"/etc/assayd", "/var/lib/assayd", "/tmp"} <= mounts:
            yield f"only {sorted(mounts)} are mounted"
        if "@" not in container["image"] and container["image"].endswith((":latest", ":")):
            yield f"the image {container['image']} has no version"


def typed(document, named):
    """Whether an object of the operator is of its type: its types keep what they don't know to themselves, so that what
    comes out again is compared with what went in."""
    from cloudcoil.models.prometheus_operator import v1
    from pydantic import ValidationError

    try:
        read = getattr(v1, document["kind"]).model_validate(document)
    except ValidationError as error:
        for one in error.errors():
            yield f"{named}: {'.'.join(map(str, one['loc']))}: {one['msg']}"
        return
    kept = read.model_dump(mode="json", by_alias=True, exclude_none=True)
    yield from (f"{named}: {place}" for place in lost(document, kept, ""))


def lost(given, kept, place):
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept:
                yield f"{place}.{key} is not a known field"
            else:
                yield from lost(value, kept[key], f"{place}.{key}")
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for i, (one, other) in enumerate(zip(given, kept)):
            yield from lost(one, other, f"{place}[{i}]")
    elif given != kept:
        yield f"{place} is {given!r}, and is read as {kept!r}"


def main():
    findings = compose() if sys.argv[1] == "compose" else kubernetes(Path(sys.argv[2]))
    found = [print(finding) for finding in findings]
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
