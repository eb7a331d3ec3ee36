#!/usr/bin/python3
"""oci_bundle PROFILE FOLDER KERNEL: an OCI bundle whose config.json has a Docker seccomp file as
Docker and Podman hand it to the runtime: what `includes` and `excludes` say is settled for amd64, the
kernel (major.minor) and Docker's default capabilities, `archMap` is one list of architectures, `name`
is in `names`. The first process is /x.
"""
import json
import pathlib
import sys

CAPABILITIES = """CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW
    SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP""".split()


def kernel(text):
    return tuple(int(part) for part in text.split(".")[:2])


def takes_part(entry, running):
    held = {"CAP_" + name for name in CAPABILITIES}
    includes, excludes = entry.get("includes") or {}, entry.get("excludes") or {}
    if "amd64" in (excludes.get("arches") or []) or held & set(excludes.get("caps") or []):
        return False
    if "minKernel" in excludes and running >= kernel(excludes["minKernel"]):
        return False
    if includes.get("arches") and "amd64" not in includes["arches"]:
        return False
    if "minKernel" in includes and running < kernel(includes["minKernel"]):
        return False
    return set(includes.get("caps") or []) <= held


def section(profile, running):
    out = {"defaultAction": profile["defaultAction"], "syscalls": []}
    for key in ("defaultErrnoRet", "flags"):
        if key in profile:
            out[key] = profile[key]
    out["architectures"] = list(profile.get("architectures") or [])
    for row in profile.get("archMap") or []:
        if row["architecture"] == "SCMP_ARCH_X86_64":
            out["architectures"] += [row["architecture"]] + list(row.get("subArchitectures") or [])
    for entry in profile.get("syscalls") or []:
        if takes_part(entry, running):
            call = {"names": entry.get("names") or [entry["name"]], "action": entry["action"]}
            for key in ("errnoRet", "args"):
                if entry.get(key) is not None:
                    call[key] = entry[key]
            out["syscalls"].append(call)
    return out


def main():
    profile, folder, running = sys.argv[1:]
    folder = pathlib.Path(folder)
    for name in ("proc", "dev"):
        (folder / "rootfs" / name).mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({
        "ociVersion": "1.0.2",
        "process": {"user": {"uid": 0, "gid": 0}, "args": ["/x"], "cwd": "/", "noNewPrivileges": True},
        "root": {"path": "rootfs"},
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
        "linux": {
            "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
            "gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
            "namespaces": [{"type": "user"}, {"type": "mount"}, {"type": "pid"}],
            "seccomp": section(json.loads(pathlib.Path(profile).read_text()), kernel(running)),
        },
    }))


if __name__ == "__main__":
    main()
