"""Checks a published draw record with nothing but Python: python3 verify_draw.py draw-1.json [SHA-256 of the plan]

Written from RFC 3797 (section 4) alone, so that nobody has to trust the program that drew. The hash of
the plan, as the page showed it before the draw, proves that the plan was not chosen afterwards.
"""

import json
import sys
from hashlib import md5, sha256

PLAN = ("round", "published_at", "wanted", "challenge_days", "pool", "strata", "sources")


def once(pairs):
    """A key that stands twice could show one value to a reader and another to this program."""
    return dict(pairs) if len(dict(pairs)) == len(pairs) else sys.exit("不符：记录中同一个键写了两次")


def hash_of(value):
    return sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def order_of(key, members):
    """The whole order: MD5 of counter, key, counter, as a number, modulo those who are left."""
    left, order, digests = list(members), [], []
    for counter in (i.to_bytes(2, "big") for i in range(len(members))):
        digests.append(md5(counter + key.encode("ascii") + counter, usedforsecurity=False).hexdigest())
        order.append(left.pop(int(digests[-1], 16) % len(left)))
    return order, digests


def faults(record, plan=None):
    pool, parts, gone = record["pool"], record["strata"], record["unavailable"] + record["skipped"]
    numbers = list(range(1, len(pool) + 1))
    key = "".join("".join(f"{n}." for n in sorted(source)) + "/" for source in record["source_values"])
    drawn = [order_of(key + part["suffix"], part["members"]) for part in parts]
    seats = [[n for n in drawn[i][0] if n not in gone][: part["wanted"]] for i, part in enumerate(parts)]
    right = {
        "record_sha256": hash_of({name: value for name, value in record.items() if name != "record_sha256"}),
        "pool_sha256": hash_of(pool),
        "key": key,
        "digests": [digest for _, digests in drawn for digest in digests],
        "picks": [number for order, _ in drawn for number in order],
        "panel": [pool[number - 1]["expert_id"] for seat in seats for number in seat],
        "wanted": sum(part["wanted"] for part in parts),
    }
    wrong = [name for name, value in right.items() if record[name] != value]
    wrong += ["pool"] if [entry["number"] for entry in pool] != numbers else []
    whole = [[n for n in numbers if part["specialty"] in ("", pool[n - 1]["specialty"])] for part in parts]
    apart = sorted(n for members in whole for n in members) == numbers and whole == [part["members"] for part in parts]
    suffixes = [part["suffix"] for part in parts]
    wrong += ["strata"] if not apart or suffixes not in ([""], [f"{n}./" for n in numbers[: len(parts)]]) else []
    wrong += ["sources"] if len(record["sources"]) != len(record["source_values"]) else []
    begun, drawn_at = record["published_at"], record["drawn_at"]
    wrong += [] if begun[-6:] == drawn_at[-6:] == "+08:00" and begun < drawn_at else ["published_at"]
    announced = {name: value for name, value in record.items() if name in PLAN}
    return wrong + (["plan"] if plan and plan != hash_of(announced) else [])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8-sig") as file:
        wrong = faults(json.load(file, object_pairs_hook=once), *sys.argv[2:3])
    print(f"不符：{'、'.join(wrong)}" if wrong else "相符：种子串、摘要、顺序、名册和专家组都能重算得出")
    sys.exit(1 if wrong else 0)
