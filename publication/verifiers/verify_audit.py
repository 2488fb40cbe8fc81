"""Checks published checkpoints with nothing but Python: python3 verify_audit.py audit-2025.json audit-2026.json …

A copy that was kept earlier may be given too, after --kept: every day of it must stand unchanged in what is published
now.
"""

import hashlib
import json
import sys

BOUND = ("day", "records", "root", "previous")


def once(pairs):
    """A key that stands twice could show one value to a reader and another to this program."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise SystemExit("不符：文件中同一个键写了两次")
    return dict(pairs)


def seal(one):
    text = json.dumps({name: one[name] for name in BOUND}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def days_of(paths):
    found = []
    for path in paths:
        with open(path, encoding="utf-8-sig") as file:
            found += json.load(file, object_pairs_hook=once)["checkpoints"]
    return sorted(found, key=lambda one: one["day"])


def faults(days):
    """The day and what is wrong with it: its own hash, and the hash of the day before that it names."""
    for before, one in zip([None, *days], days, strict=False):
        if one["hash"] != seal(one):
            yield one["day"], "哈希与内容不符"
        if before is not None and one["previous"] != before["hash"]:
            yield one["day"], f"没有接在 {before['day']} 之后"


def differences(days, kept):
    """The days of a kept copy that are published otherwise now, or no longer."""
    now = {one["day"]: one["hash"] for one in days}
    return [(one["day"], "与留存的抄件不同") for one in kept if now.get(one["day"]) != one["hash"]]


def main(given):
    split = given.index("--kept") if "--kept" in given else len(given)
    days, kept = days_of(given[:split]), days_of(given[split + 1 :])
    wrong = sorted([*faults(days), *differences(days, kept)])
    for day, why in wrong:
        print(f"{day}：{why}")
    if not wrong:
        print(f"相符：{len(days)} 天的检查点逐日相接" + (f"，抄件 {len(kept)} 天全部一致" if kept else ""))
    return 1 if wrong or not days else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
