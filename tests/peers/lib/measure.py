"""The same measuring as measure.mjs."""
import json
import time


def measure(name, seconds, work):
    """Runs `work` for about `seconds` after a warm-up and prints one figure as a JSON line."""
    for _ in range(20):
        work()

    cpu, start = time.process_time(), time.perf_counter()
    done = 0
    while time.perf_counter() - start < seconds:
        work()
        done += 1
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"name": name, "per_second": done / wall, "ms_cpu_each": cpu * 1000 / done}), flush=True)
