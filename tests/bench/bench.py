#!/usr/bin/env python3
"""bench: what a launch costs, beside the bare floor and beside other engines.

Every round runs each contestant once, in an order that turns by one a round, so that whatever else
the machine does falls on all of them. What is compared are medians of those rounds; the payload is a
static program of one instruction that matters (true.c). Contestants that cannot run here are listed
with the reason.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import sys
import tempfile
import time

from contestants import Contestant, Ground, contestants


def once(contestant):
    """Seconds from the start of the program to its end; None where it failed."""
    actions = [(os.POSIX_SPAWN_DUP2, contestant.null, fd) for fd in (0, 1, 2)]
    begin = time.perf_counter_ns()
    pid = os.posix_spawnp(contestant.words[0], contestant.words, contestant.environment,
                          file_actions=actions)
    status = os.waitpid(pid, 0)[1]
    end = time.perf_counter_ns()
    return (end - begin) / 1e9 if status == 0 else None


def race(entrants, rounds):
    """Paired rounds; returns the times of each by name."""
    times = {entrant.name: [] for entrant in entrants}
    for number in range(rounds):
        turn = number % len(entrants)
        for entrant in entrants[turn:] + entrants[:turn]:
            seconds = once(entrant)
            if seconds is not None:
                times[entrant.name].append(seconds)
    return times


def summary(seconds):
    ordered = sorted(seconds)
    return {"median": statistics.median(ordered), "p10": ordered[len(ordered) // 10],
            "p90": ordered[len(ordered) * 9 // 10], "rounds": len(ordered)}


def print_table(results, failed):
    floor = results.get("floor", {}).get("median")
    bwrap = results.get("bwrap", {}).get("median")
    print(f"{'':<30}{'median':>9}{'p10':>9}{'p90':>9}{'of floor':>10}{'of bwrap':>10}")
    for name, row in sorted(results.items(), key=lambda item: item[1]["median"]):
        ratios = "".join(f"{row['median'] / base:>10.2f}" if base else f"{'':>10}"
                         for base in (floor, bwrap))
        print(f"{name:<30}" + "".join(f"{row[key] * 1e3:>9.2f}" for key in ("median", "p10", "p90"))
              + ratios)
    print("milliseconds")
    for name, reason in failed.items():
        print(f"not run: {name}: {reason}")


def print_goals(results, extra):
    """The goals of the project, and whether this run meets them."""
    def ratio(name, base):
        return results[name]["median"] / results[base]["median"] if {name, base} <= set(results) else None

    goals = [("cordon / floor", ratio("cordon", "floor"), 1.25),
             ("cordon / floor, volatile", ratio("cordon", "floor, volatile"), 1.25),
             ("cordon, one id / bwrap", ratio("cordon, one id", "bwrap"), 1.25),
             ("monitor PSS, KB", extra.get("monitor_pss_kb"), 300),
             ("ps of 100 containers, ms", extra.get("ps_100_ms"), 5)]
    for name, value, goal in goals:
        if value is not None:
            print(f"{'met' if value <= goal else 'MISSED':<7} {name}: {value:.2f}, goal {goal}")


def pss_of(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return None


def measure_monitor(ground):
    """PSS of the process that stays with a detached container, in KB."""
    ident = ground.cordon("run", "-d", "--network", "none", "bench", "/bin/busybox", "sleep", "60")
    try:
        time.sleep(0.3)
        return pss_of(int(ground.cordon("inspect", "--format", "{{.State.ConmonPid}}", ident)))
    finally:
        ground.cordon("rm", "-f", ident)


def milliseconds(contestant, rounds):
    return statistics.median(once(contestant) for _ in range(rounds)) * 1e3


def measure_ps(ground, rounds, count):
    made = [ground.cordon("create", "--network", "none", "bench", "/bin/true") for _ in range(count)]
    try:
        return milliseconds(Contestant("ps", [ground.binary, "ps", "-a"], ground.environment), rounds)
    finally:
        ground.cordon("rm", "-f", *made)


def measure_cache(ground, rounds):
    """A launch whose plan is in the cache, and one that has to compile it: milliseconds."""
    words = [ground.binary, "run", "--rm", "--network", "none", "bench", "/bin/true"]
    launch = Contestant("launch", words, ground.environment)
    hit, miss = [], []
    for _ in range(rounds):
        shutil.rmtree(ground.folder / "cache", ignore_errors=True)
        miss.append(once(launch))
        hit.append(once(launch))
    return statistics.median(hit) * 1e3, statistics.median(miss) * 1e3


def measure_extra(ground, rounds, count):
    hit, miss = measure_cache(ground, rounds)
    return {"monitor_pss_kb": measure_monitor(ground),
            f"ps_{count}_ms": measure_ps(ground, rounds, count),
            "cache_hit_ms": hit, "cache_miss_ms": miss}


def machine():
    model = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
             if line.startswith("model name")]
    return {"kernel": platform.release(), "cpus": os.cpu_count(), "model": (model or ["?"])[0],
            "load": os.getloadavg()[0]}


def write_tap(path, results, failed):
    """For the test lane: that the floor and cordon ran at all, and nothing about their times."""
    with open(path, "w", encoding="utf-8") as tap:
        for number, name in enumerate(("floor", "cordon", "cordon, one id"), 1):
            word = "ok" if results.get(name, {}).get("rounds") else "not ok"
            tap.write(f"{word} {number} {name} {failed.get(name, '')}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="build folder, with stage/")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--smoke", action="store_true", help="only see that all of it runs")
    parser.add_argument("--json", help="write the results here")
    parser.add_argument("--tap", help="write test lines here")
    options = parser.parse_args()
    count = 10 if options.smoke else 100
    with tempfile.TemporaryDirectory(prefix="cordon-bench.") as folder:
        ground = Ground(pathlib.Path(folder), pathlib.Path(options.build).resolve())
        try:
            entrants, failed = contestants(ground, peers=not options.smoke)
            for entrant in entrants:
                once(entrant)
            times = race(entrants, options.rounds)
            extra = measure_extra(ground, min(options.rounds, 30), count)
        finally:
            ground.clear()
    results = {name: summary(seconds) for name, seconds in times.items() if seconds}
    print_table(results, failed)
    for name, value in extra.items():
        print(f"{name:<30}{value:>9.2f}")
    print_goals(results, extra)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(
            {"machine": machine(), "results": results, "extra": extra, "not_run": failed}, indent=1) + "\n")
    if options.tap:
        write_tap(options.tap, results, failed)
    return 0 if {"floor", "cordon"} <= set(results) else 1


if __name__ == "__main__":
    sys.exit(main())
