"""Checks a published draw record with nothing but Python: python3 verify_draw.py draw-1.json

Written from RFC 3797 (section 4) alone, so that nobody has to trust the program that drew.
"""

import hashlib
import json
import sys


def canonical_sha256(value):
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def order_of(key, size):
    """The whole order: MD5 of counter, key, counter, as a number, modulo those who are left."""
    left, order, digests = list(range(1, size + 1)), [], []
    for i in range(size):
        counter = bytes([i // 256, i % 256])
        digests.append(hashlib.md5(counter + key.encode("ascii") + counter).hexdigest())
        order.append(left.pop(int(digests[-1], 16) % len(left)))
    return order, digests


def faults(record):
    key = "".join("".join(f"{n}." for n in sorted(source)) + "/" for source in record["source_values"])
    order, digests = order_of(key, len(record["pool"]))
    gone = set(record["unavailable"]) | set(record["skipped"])
    seats = [number for number in order if number not in gone][: record["wanted"]]
    rest = {name: value for name, value in record.items() if name != "record_sha256"}
    expected = {
        "record_sha256": canonical_sha256(rest),
        "pool_sha256": canonical_sha256(record["pool"]),
        "key": key,
        "digests": digests,
        "picks": order,
        "panel": [record["pool"][number - 1]["expert_id"] for number in seats],
    }
    wrong = [name for name, value in expected.items() if record[name] != value]
    numbers = [entry["number"] for entry in record["pool"]]
    wrong += [] if numbers == list(range(1, len(numbers) + 1)) else ["pool"]
    wrong += [] if 1 <= record["wanted"] <= len(numbers) else ["wanted"]
    return wrong + ([] if len(record["sources"]) == len(record["source_values"]) else ["sources"])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = faults(json.load(file))
    print(f"不符：{'、'.join(wrong)}" if wrong else "相符：种子串、摘要、顺序、名册和专家组都能重算得出")
    sys.exit(1 if wrong else 0)
