"""Checks a published double random draw with nothing but Python: python3 verify_inspections.py inspections-1.json

Written from RFC 3797 (section 4) and the plan's page alone, so that nobody has to trust the program that drew.
"""

import json
import sys
from hashlib import md5, sha256


def once(pairs):
    """A key that stands twice could show one value to a reader and another to this program."""
    return dict(pairs) if len(dict(pairs)) == len(pairs) else sys.exit("不符：记录中同一个键写了两次")


def hash_of(value):
    return sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def order_of(key, count):
    """The whole order: MD5 of counter, key, counter, as a number, modulo those who are left."""
    left, order = list(range(1, count + 1)), []
    for counter in (i.to_bytes(2, "big") for i in range(count)):
        digest = md5(counter + key.encode("ascii") + counter, usedforsecurity=False).hexdigest()
        order.append(left.pop(int(digest, 16) % len(left)))
    return order


def faults(record):
    pools, secret = record["pools"], str(record["secret"])
    sources = [*record["source_values"], [int(secret)]]
    key = "".join("".join(f"{n}." for n in sorted(source)) + "/" for source in sources)
    out = {(institution, inspector) for institution, inspector in pools["conflicts"]}
    chosen = order_of(key + "1./", len(pools["institutions"]))[: record["wanted"]]
    assigned = []
    for number in chosen:
        order = order_of(key + f"2.{number}./", len(pools["inspectors"]))
        going = [one for one in order if (number, one) not in out][: record["inspectors_each"]]
        assigned.append({"institution": number, "inspectors": going})
    right = {
        "pools_sha256": hash_of(pools),
        "commitment": sha256(secret.encode("ascii")).hexdigest(),
        "key": key,
        "assigned": assigned,
    }
    wrong = [name for name, value in right.items() if record[name] != value]
    for name in ("institutions", "inspectors"):
        numbers = [one["number"] for one in pools[name]]
        wrong += [name] if numbers != list(range(1, len(numbers) + 1)) else []
    return wrong + (["sources"] if len(record["sources"]) != len(record["source_values"]) else [])


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8-sig") as file:
        given = json.load(file, object_pairs_hook=once)
    if not given.get("secret"):
        sys.exit("尚未公开：检查结束以后记录中才有秘密源和抽取结果，现在只能核对名册")
    found = faults(given)
    print(f"不符：{'、'.join(found)}" if found else "相符：名册、秘密源的承诺值、种子串和全部抽取结果都能重算得出")
    sys.exit(1 if found else 0)
