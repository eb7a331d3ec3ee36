#!/usr/bin/env python3
"""C10, C12, C13, B15: what an image's config and labels ask for, and what comes of it: the plan is the plan of an image that
asks for nothing, but for the words that are the image's own: its variables, its command, its volumes.

The plan is the whole of what the sandbox obeys (sandbox/plan.h), and `inspect` shows all of it; what the kernel says of the
process inside is compared as well.
"""

import json
import os
import shutil
import subprocess

from ground import Ground, need, rawtar as t
from layout import CONFIG, LAYER, MANIFEST, Layout, digest

need("busybox")
ground = Ground()
SECRET = "a-secret-of-the-host"
ground.environment["HOST_SECRET"] = SECRET
outside = str(ground.canary)
BUSYBOX = open(shutil.which("busybox"), "rb").read()
NAMES = ("sh", "cat", "ls", "env", "true", "sleep", "find")
ROOT = [t.folder("bin"), t.entry("bin/busybox", data=BUSYBOX, mode=0o755), *(t.symlink(f"bin/{n}", "busybox") for n in NAMES), t.folder("etc"),
        t.entry("etc/passwd", data=b"root:x:0:0:of the image:/:/bin/sh\n")]


def image(name, config, *entries, manifest=None, layer=None, root=None):
    """An image of busybox, these entries and this config; "annotations" may stand wherever the format has them."""
    shutil.rmtree(ground.folder / "layout", ignore_errors=True)
    layout = Layout(ground.folder / "layout")
    tar = t.archive(*ROOT, *entries)
    made = layout.blob({"architecture": "amd64", "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": [digest(tar)]}, **(root or {})}, CONFIG)
    layout.add({"schemaVersion": 2, "mediaType": MANIFEST, "config": made, "layers": [dict(layout.blob(tar, LAYER), **(layer or {}))], **(manifest or {})}, name)
    result = ground.run("pull", "-q", f"oci:{layout.folder}:{name}")
    assert result.returncode == 0, result.stderr


def look(name, *options):
    """The plan line by line and HostConfig, of a container of the image."""
    result = ground.run("create", "--network", "none", "--name", "looked", "--hostname", "same", *options, name, "/bin/cat", "/proc/self/status", "/proc/self/mountinfo")
    if result.returncode:
        return None, None, result.stderr
    made = json.loads(ground.run("inspect", "looked").stdout)[0]
    plan = dict(line.replace(made["Id"], "ID").split(" = ", 1) for line in made["Cordon"]["Plan"])
    plan["profile"] = made["Cordon"]["Profile"]
    plan.update((f"HostConfig.{k}", v) for k, v in made["HostConfig"].items())
    inside = ground.run("start", "-a", "looked").stdout
    ground.run("rm", "-f", "-v", "looked")
    return plan, [line for line in inside.splitlines() if line.split(":")[0] in STATUS], None


STATUS = ("NoNewPrivs", "Seccomp", "Seccomp_filters", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "Uid", "Gid", "Groups", "Speculation_Store_Bypass")
OWN = ("process.arguments", "process.environment", "root.layers", "process.directory", "process.user", "process.stop_signal")
image("plain", {})
PLAIN, INSIDE, problem = look("localhost/plain")
ground.check("a plain image", problem)

ASKS = {
    "seccomp": "unconfined", "seccomp.security.alpha.kubernetes.io/pod": "unconfined", "io.kubernetes.cri-o.seccompProfile": "unconfined",
    "container.apparmor.security.beta.kubernetes.io/x": "unconfined", "io.podman.annotations.privileged": "TRUE", "io.podman.annotations.seccomp": "unconfined",
    "io.podman.annotations.label": "disable", "io.podman.annotations.userns": "host", "io.podman.annotations.pids-limit": "0", "containers.capabilities": "SYS_ADMIN,NET_ADMIN",
    "io.containers.capabilities": "ALL", "io.containers.autoupdate": "registry", "run.oci.keep_original_groups": "1", "run.oci.systemd.subgroup": "x", "run.oci.handler": "wasm",
    "run.oci.hooks.stderr": "/dev/stderr", "run.oci.mount_context_type": "x", "run.oci.seccomp_fail_unknown_syscall": "0", "run.oci.seccomp.receiver": "/tmp/x",
    "run.oci.delegate-cgroup": "x", "run.oci.timens_offset": "x", "io.katacontainers.config.hypervisor.path": "/bin/sh", "com.docker.compose.project": "x",
    "cordon.profile": "none", "cordon": "privileged", "profile": "unconfined", "security-opt": "seccomp=unconfined", "privileged": "true", "RUN": "podman run --privileged IMAGE",
    "INSTALL": "touch /x", "module.wasm.image/variant": "compat", "org.opencontainers.image.ref.name": "docker.io/library/nginx:latest", "devices": "/dev/mem",
    "volumes": f"{outside}:/x", "hooks": "/bin/sh",
}
HOST = {"Privileged": True, "Binds": [f"{outside}:/x"], "CapAdd": ["ALL"], "SecurityOpt": ["seccomp=unconfined", "no-new-privileges=false"], "NetworkMode": "host", "PidMode": "host",
        "IpcMode": "host", "UsernsMode": "host", "CgroupnsMode": "host", "Devices": [{"PathOnHost": "/dev/mem", "PathInContainer": "/x", "CgroupPermissions": "rwm"}],
        "Mounts": [{"Type": "bind", "Source": outside, "Target": "/x"}], "Tmpfs": {"/x": ""}, "Ulimits": [{"Name": "core", "Soft": -1}], "Memory": 1, "ReadonlyPaths": [],
        "MaskedPaths": [], "GroupAdd": ["0"], "Dns": ["6.6.6.6"], "ExtraHosts": ["x:1.1.1.1"], "Sysctls": {"kernel.core_pattern": "|/x"}, "Init": True, "PortBindings": {"80/tcp": [{}]}}
RUNTIME = {"process": {"capabilities": {"bounding": ["CAP_SYS_ADMIN"]}, "noNewPrivileges": False, "apparmorProfile": "unconfined", "rlimits": [{"type": "RLIMIT_CORE", "hard": 9}]},
           "linux": {"namespaces": [], "seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}, "maskedPaths": [], "devices": [{"path": "/dev/mem"}]},
           "mounts": [{"destination": "/x", "type": "bind", "source": outside}], "annotations": ASKS,
           "hooks": {"prestart": [{"path": "/bin/sh", "args": ["sh", "-c", f"echo x >{outside}/hook"]}], "createContainer": [{"path": f"{outside}/file"}]}}
VARIABLES = ["LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/evil", "LD_AUDIT=/evil.so", "GCONV_PATH=/evil", "PATH=/evil:/bin", "HOME=" + outside, "XDG_DATA_HOME=" + outside,
             "XDG_RUNTIME_DIR=" + outside, "CORDON_PROFILES=" + outside, "CORDON_LIBEXEC=" + outside, "CORDON_SIMULATE_MISSING=landlock", "CORDON_TEST_X=1", "CONTAINERS_REGISTRIES_CONF=/x",
             "NOTIFY_SOCKET=/x", "LISTEN_FDS=9", "BASH_ENV=/evil", "ENV=/evil", "TMPDIR=" + outside, "container=none", "NVIDIA_VISIBLE_DEVICES=all", "DOCKER_HOST=unix:///x", "HOSTNAME=other",
             "DBUS_SESSION_BUS_ADDRESS=unix:path=/x", "MALLOC_PERTURB_=1", "GLIBC_TUNABLES=glibc.malloc.check=3", "HOST_SECRET", "=x", "NAME WITH BLANK=1"]

CASES = [
    ("labels", {"Labels": ASKS}, {}), ("annotations of the manifest", {}, {"manifest": {"annotations": ASKS}}), ("annotations of the config", {}, {"root": {"annotations": ASKS}}),
    ("annotations of a layer", {}, {"layer": {"annotations": ASKS}}), ("Docker's HostConfig in the config", {"HostConfig": HOST}, {}),
    ("HostConfig's keys in the config", HOST, {}), ("HostConfig beside the config", {}, {"root": {"HostConfig": HOST, "host_config": HOST}}),
    ("a runtime's config.json beside the config", {}, {"root": RUNTIME}), ("a runtime's config.json in the config", RUNTIME, {}),
    ("variables", {"Env": VARIABLES}, {}), ("hooks of Docker's files", {"OnBuild": ["RUN x"], "Healthcheck": {"Test": ["CMD-SHELL", f"echo x >{outside}/health"], "Interval": 1}}, {}),
]
for title, config, more in CASES:
    image("asks", config, **more)
    plan, inside, problem = look("localhost/asks")
    if not problem:
        changed = sorted(k for k in set(plan) | set(PLAIN) if plan.get(k) != PLAIN.get(k) and not k.startswith(OWN))
        problem = f"the plan has changed: {[(k, PLAIN.get(k), plan.get(k)) for k in changed]}" if changed else None
        problem = problem or (f"inside: {inside}, not {INSIDE}" if inside != INSIDE else None)
        own = "\n".join(f"{k}={v}" for k, v in plan.items() if k.startswith("process.environment"))
        problem = problem or ("HOST_SECRET is in the environment" if "HOST_SECRET" in own or SECRET in own else None)
    ground.check(f"C12: {title}", problem or (None if ground.canary_state() == ground.before else "the canary was touched"))
    ground.run("rmi", "-f", "asks")

# The engine's own programs, from the moment the image is known: whatever the image says is no variable of theirs.
if shutil.which("strace"):
    image("asks", {"Env": VARIABLES})
    log = ground.folder / "strace"
    for words in (["run", "--rm", "--userns", "single", "asks", "/bin/true"], ["export", "-o", "/dev/null", "asked"], ["commit", "asked", "again"], ["diff", "asked"]):
        if words[0] != "run":
            ground.run("create", "--network", "none", "--name", "asked", "asks", "/bin/true")
        subprocess.run(["strace", "-f", "-v", "-s", "200", "-e", "trace=execve", "-o", log, ground.cordon, *words], env=ground.environment, check=False, capture_output=True)
        rows = [line for line in log.read_text().splitlines() if "execve(" in line and 'execve("/bin/true"' not in line]
        wrong = [line for line in rows if "evil" in line or SECRET in line and not line.split("execve(")[1].startswith(f'"{ground.cordon}"')]
        ground.check(f"C12: programs that {words[0]} starts have a clean environment ({len(rows)})", "\n".join(wrong) or (None if len(rows) > 1 or words[0] in ("run", "diff") else "none was seen"))
    log.unlink()
    ground.run("rm", "-f", "asked")
    ground.run("rmi", "-f", "asks", "again")

# ---- C10: VOLUME ----

FOREIGN = b"".join([t.symlink("link", outside), t.symlink("up", "etc"), t.symlink("root", "/"), t.symlink("dangling", "/no/such"), t.symlink("proc-link", "/proc/self/root"),
                    t.folder("data"), t.entry("data/of-image", data=b"of the image\n"), t.folder("a"), t.folder("a/b")])
PLACES = ["/../../etc", "/a/../../../../.." + outside, f"/a/b/../../../..{outside}", "/link", "/link/folder", "/link/../..", "/root" + outside, "/up/x", "/dangling", "/dangling/x/../y",
          "/proc-link", "/proc-link" + outside, "/proc/self/cwd", "/proc", "/sys/fs", "/dev", "/data", "//data//", "/./data/.", "/..", "/", "", ".", "..", "data", "../..", outside.lstrip("/"),
          f"{outside}:/x", "name:/x", f"/x:{outside}", "/x:ro", "/x,source=/etc", "$HOME", "~/x", "-v", "/a\nb", "/a b", "/\x1b[2J", "/" + "v/" * 2000, "/" + "c" * 300]
for place in PLACES:
    image("volume", {"Volumes": {place: {}}}, FOREIGN)
    before = set(os.listdir(ground.data / "volumes")) if (ground.data / "volumes").exists() else set()
    result = ground.run("run", "--network", "none", "--name", "holder", "volume", "/bin/sh", "-c", "find / -xdev -name file; cat /proc/self/mountinfo; touch /data/new /a/b/new 2>/dev/null; true")
    problem = None
    if result.returncode not in (0, 125, 126, 127) or len(result.stderr.splitlines()) > 2 or any(ord(c) < 32 for c in result.stderr.rstrip("\n").replace("\n", "")):
        problem = f"{result.returncode}: {result.stderr!r}"
    made = set(os.listdir(ground.data / "volumes")) - before if (ground.data / "volumes").exists() else set()
    for name in made:
        for folder, _, files in os.walk(ground.data / "volumes" / name / "_data"):
            for file in files:
                text = open(os.path.join(folder, file), "rb").read()
                if b"canary sings" in text or b"root:" in text and b"root:x:0:0:of the image:" not in text:
                    problem = f"the volume holds {file} of the host"
    sources = [line.split()[3] for line in result.stdout.splitlines() if len(line.split()) > 4]
    if any(outside in source for source in sources):
        problem = f"mounted from outside: {sources}"
    ground.run("rm", "-f", "-v", "holder")
    ground.run("rmi", "-f", "volume")
    problem = problem or (None if ground.canary_state() == ground.before else "the canary was touched")
    ground.check(f"C10: VOLUME {place[:60]!r}: {result.returncode}", problem or (f"left: {left}" if (left := set(os.listdir(ground.data / 'volumes')) - before) else None))

# ---- B15: a volume's own bytes stand ----

KEPT = ["link", "mine", "of-image"]
MADE = ["hostname", "hosts", "resolv.conf"]  # the places of the engine's own files, where the volume is /etc

image("filled", {"Volumes": {"/data": {}}}, FOREIGN, t.entry("data/mine", data=b"of the image\n", mode=0o777), t.symlink("data/link", outside))
ground.run("volume", "create", "kept")
ground.run("run", "--rm", "--network", "none", "-v", "kept:/v", "filled", "/bin/sh", "-c", "rm -rf /v/*; echo of the volume >/v/mine; echo 1 >/v/of-image; ln -s /nowhere /v/link; ls -la /v")
for options in (["-v", "kept:/data"], ["--mount", "type=volume,source=kept,target=/data"], ["-v", "kept:/data:ro"], ["-v", "kept:/link"], ["-v", "kept:/etc"]):
    ground.run("run", "--rm", "--network", "none", *options, "filled", "/bin/true")
    said = ground.run("run", "--rm", "--network", "none", "-v", "kept:/v", "filled", "/bin/sh", "-c", "cat /v/mine /v/of-image; ls -l /v/link; ls /v").stdout
    ground.check(f"B15: a volume that has content keeps it, {' '.join(options)}",
                 None if said.startswith("of the volume\n1\n") and "-> /nowhere" in said and said.split("-> /nowhere\n")[1].split() in (KEPT, sorted(KEPT + MADE)) else said)
ground.run("volume", "rm", "-f", "kept")
ground.run("rmi", "-f", "filled")

# ---- C13: the caller's environment ----

image("asks", {})
ground.run("run", "-d", "--network", "none", "--name", "quiet", "-e", "HOST_SECRET_TOO", "-e", "MINE=1", "asks", "/bin/sh", "-c", "env; cat /proc/*/environ; sleep 100")
said = {"run": ground.run("run", "--rm", "--network", "none", "asks", "/bin/sh", "-c", "env; cat /proc/*/environ").stdout,
        "run --init": ground.run("run", "--rm", "--init", "--network", "none", "asks", "/bin/sh", "-c", "env; cat /proc/*/environ").stdout,
        "exec": ground.run("exec", "quiet", "/bin/sh", "-c", "env; cat /proc/self/environ").stdout, "logs": ground.run("logs", "quiet").stdout,
        "inspect": ground.run("inspect", "quiet").stdout, "top": ground.run("top", "quiet").stdout}
ground.run("commit", "quiet", "committed")
said["the committed image"] = ground.run("image", "inspect", "committed").stdout + ground.run("history", "--no-trunc", "committed").stdout
for name, text in said.items():
    ground.check(f"C13: HOST_SECRET is not in {name}", None if text and SECRET not in text and "HOST_SECRET=" not in text else text)
found = subprocess.run(["grep", "-rlF", SECRET, str(ground.folder)], capture_output=True, text=True, check=False).stdout
ground.check("C13: nor anywhere in the store", found or None)
given = ground.run("run", "--rm", "--network", "none", "-e", "HOST_SECRET", "asks", "/bin/env").stdout
ground.check("C13: but where it was asked for by name", None if f"HOST_SECRET={SECRET}" in given else given)
ground.run("rm", "-f", "quiet")
ground.finish()
