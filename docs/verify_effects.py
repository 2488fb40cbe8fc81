"""Checks that a database of this product holds every legal effect exactly once: no program of the product is used.

python3 verify_effects.py dingdian.db [--swept 2026-01-31]      or the address of a PostgreSQL database (needs psycopg)

Reads only. `--swept`: the day of the last sweep that ran to its end; what was due before it must have had its effect.
Prints one line for each fault, with its kind and place, and ends with 1 when there is any.
"""

import json
import sqlite3
import sys
from collections import Counter, defaultdict

SUBJECTS = {"application": "case", "agreement": "agreement"}  # how a message's key calls them
ENDS = {
    "application": {
        *("PUBLISHED", "NOT_ACCEPTED_LATE", "NOT_ACCEPTED_INCOMPLETE", "NOT_ACCEPTED_BAN", "PRELIM_FAILED"),
        *("BELOW_THRESHOLD", "OUT_OF_QUOTA", "DISQUALIFIED_PUBLICITY_1", "DISQUALIFIED_PUBLICITY_2"),
        *("NEGOTIATION_FAILED", "NOT_DETERMINED", "DEEMED_ABANDONED", "WITHDRAWN"),
    },
    "agreement": {"DISSOLVED", "EXPIRED", "SUPERSEDED", "LEFT", "CANCELLED"},
}
BEGINS = {"application": "NOT_APPLIED", "agreement": "DRAFT"}
LIVE = ("running", "provisional", "suspended")
HOLDS_A_PLACE = ("SIGNED", "FILED", "PUBLISHED")


def opened(place):
    """A function that answers a query with its rows."""
    if "://" in place:
        import psycopg

        connection = psycopg.connect(place.replace("+psycopg", ""))
        connection.read_only = True
        return lambda sql: connection.execute(sql).fetchall()
    connection = sqlite3.connect(f"file:{place}?mode=ro", uri=True)
    return lambda sql: connection.execute(sql).fetchall()


def read(value):
    """JSON as either database gives it."""
    return json.loads(value) if isinstance(value, str) else value


def records_of(ask):
    """By subject, its records in order."""
    found = defaultdict(list)
    names = ("subject", "subject_id", "seq", "event", "from_state", "to_state", "prev_hash", "hash", "detail")
    for row in ask(f"SELECT {', '.join(names)} FROM audit_record ORDER BY subject, subject_id, seq"):
        one = dict(zip(names, row, strict=True))
        found[one["subject"], one["subject_id"]].append({**one, "detail": read(one["detail"])})
    return found


def chains(records):
    """Every record stands on the one before, in number, hash and state."""
    for place, rows in records.items():
        before = None
        for number, one in enumerate(rows, 1):
            if one["seq"] != number:
                yield "record missing", place, f"expected record {number}, found {one['seq']}"
                break
            if one["prev_hash"] != (before["hash"] if before else ""):
                yield "chain broken", place, f"record {number} does not stand on the one before"
            if place[0] in SUBJECTS and one["from_state"] != (before["to_state"] if before else BEGINS[place[0]]):
                yield "state leapt", place, f"record {number} begins in {one['from_state']}"
            before = one


def standings(ask, records):
    """Every subject stands where its last record left it, and nobody stands anywhere without a record."""
    for subject in (*SUBJECTS, "round"):
        state = "state" if subject in SUBJECTS else "''"
        for id_, standing, seq, head in ask(f'SELECT id, {state}, audit_seq, audit_head FROM "{subject}"'):
            rows = records.get((subject, id_), [])
            last = rows[-1] if rows else {"seq": 0, "hash": "", "to_state": BEGINS.get(subject, "")}
            if (seq, head) != (last["seq"], last["hash"]):
                yield "effect without record", (subject, id_), f"stands at {seq}, its records end at {last['seq']}"
            if subject in SUBJECTS and standing != last["to_state"]:
                yield "state changed", (subject, id_), f"is {standing}, its records say {last['to_state']}"


def clocks(ask, records, swept):
    """Every clock that a record began is there once, with the day told last; no other; none of one who has ended."""
    told = {
        place: {kind: day for one in rows for kind, day in (one["detail"].get("clocks") or {}).items()}
        for place, rows in records.items()
    }
    ends = {
        (subject, id_)
        for subject in SUBJECTS
        for id_, state in ask(f"SELECT id, state FROM {subject}")
        if state in ENDS[subject]
    }
    found = defaultdict(dict)
    for subject, id_, kind, status, due, check in ask(
        "SELECT subject, subject_id, kind, status, due_on, check_on FROM deadline"
    ):
        place = (subject, id_)
        found[place][kind] = status
        if kind not in told.get(place, {}):
            yield "clock without record", place, kind
            continue
        day = told[place][kind]
        if status in ("running", "provisional") and (str(due) if due else "provisional") != day:
            yield "clock moved", place, f"{kind} ends on {due}, the records say {day}"
        if status in LIVE and place in ends:
            yield "clock of nobody", place, f"{kind} is {status}"
        if swept and status == "running" and check and str(check) < swept:
            yield "effect missing", place, f"{kind} was due on {due}"
    for place, kinds in told.items():
        for kind in kinds.keys() - found[place].keys():
            yield "clock missing", place, kind


def messages(ask, records):
    """Every message belongs to a record, none stands twice, and records that are alike told alike."""
    kinds = {key: subject for subject, key in SUBJECTS.items()}
    told, seen = defaultdict(set), Counter()
    for key, event in ask("SELECT dedupe_key, event FROM notification WHERE resend_of IS NULL"):
        seen[key] += 1
        parts = key.split(":")
        if parts[0] not in kinds or not parts[2].isdigit():
            continue
        place, seq = (kinds[parts[0]], int(parts[1])), int(parts[2])
        if seq > len(records.get(place, ())):
            yield "message without record", place, key
        told[place, seq].add((parts[3], event))
    for key, times in seen.items():
        if times > 1:
            yield "message twice", ("notification", 0), key
    alike = defaultdict(list)
    for place, rows in records.items():
        for one in rows if place[0] in SUBJECTS else ():
            events = told[place, one["seq"]]
            numbers = {int(number) for number, _ in events if number.isdigit()}
            if numbers != set(range(len(numbers))):
                yield "message missing", place, f"of record {one['seq']}, {one['event']}"
            alike[place[0], one["event"], one["from_state"], one["to_state"]].append((place, one["seq"], bool(events)))
    for act, rows in alike.items():
        if len({said for *_, said in rows}) > 1:
            for place, seq, said in rows:
                if not said:
                    yield "message missing", place, f"of record {seq}, {act[1]}: others like it told"


def places(ask):
    """Whoever signed has one agreement of his own, and no more sign than were announced."""
    held = Counter()
    signed = dict(ask("SELECT id, state FROM application"))
    for id_, count in ask(
        "SELECT application_id, count(*) FROM agreement WHERE previous_id IS NULL GROUP BY application_id"
    ):
        if count > 1:
            yield "agreement twice", ("application", id_), str(count)
        held[id_] = count
    for id_, state in signed.items():
        if state in HOLDS_A_PLACE and not held[id_]:
            yield "agreement missing", ("application", id_), state
    quotas = {id_: read(text).get("quota", {}) for id_, text in ask("SELECT id, announcement FROM round")}
    taken = ask(
        f"SELECT round_id, type, count(*) FROM application WHERE state IN {HOLDS_A_PLACE} GROUP BY round_id, type"
    )
    for round_id, type_, count in taken:
        if type_ in quotas[round_id] and count > quotas[round_id][type_]:
            yield "place twice", ("round", round_id), f"{type_}: {count} of {quotas[round_id][type_]}"


def faults(ask, swept=""):
    """Everything that is wrong: kind, (subject, number), what."""
    records = records_of(ask)
    return [
        *chains(records),
        *standings(ask, records),
        *clocks(ask, records, swept),
        *messages(ask, records),
        *places(ask),
    ]


def main(given):
    """One line a fault; 0 when there is none."""
    swept = given[given.index("--swept") + 1] if "--swept" in given else ""
    found = faults(opened(given[0]), swept)
    for kind, (subject, id_), what in found:
        print(f"{kind}: {subject} {id_}: {what}")
    print(f"{len(found)} faults" if found else "every effect once, each on its record")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
