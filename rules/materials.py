"""What a dossier must contain (四; A3) and what it lacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rules.policy import Material, Policy
from rules.vocabulary import ApplicantType

WHOLE_SET: Mapping[str, str] = {ApplicantType.HOSPITAL: "H-ALL", ApplicantType.PHARMACY: "P-ALL"}


def unfolded(policy: Policy, codes: Sequence[str]) -> list[str]:
    """The codes with every whole set replaced by what it holds, each once, in order."""
    sets = {code: [one.code for one in policy.materials[type_]] for type_, code in WHOLE_SET.items()}
    return list(dict.fromkeys(one for code in codes for one in sets.get(code, [code])))


def needed(policy: Policy, applicant_type: str, facts: Mapping[str, Any]) -> tuple[Material, ...]:
    """The materials and formalities this applicant owes: conditional ones only where a named fact holds
    (R06: H9 with oncology drugs; A7-33: H10/P12 where priority is claimed)."""
    return tuple(
        material
        for material in policy.materials_of(applicant_type)
        if not material.needed_if or any(facts.get(name) for name in material.needed_if)
    )


def gaps(policy: Policy, applicant_type: str, facts: Mapping[str, Any], held: Collection[str]) -> tuple[Material, ...]:
    """Everything still missing, in the order of the clauses."""
    return tuple(material for material in needed(policy, applicant_type, facts) if material.code not in held)


def spoken(policy: Policy, applicant_type: str, codes: Collection[str]) -> str:
    """Codes as people read them: numbered papers by their number, formalities by what they are."""
    names = {material.code: material.name for material in policy.materials_of(applicant_type)}
    return "、".join(code if code[-1:].isdigit() else names.get(code, code) for code in codes)


def handed_in(policy: Policy, fields: Mapping[str, Any]) -> frozenset[str]:
    """The codes a submission brings: materials, and the formalities it fulfils (R23: copies, two seals, originals)."""
    fulfilled = {
        "COPIES": fields["copies"] >= policy.count("dossier_copies"),
        "OFFICIAL_SEAL": fields["official_seal"],
        "LEGAL_REP_SEAL": fields["legal_rep_seal"],
        "ORIGINALS": fields["originals_shown"],
    }
    return frozenset(fields["materials"]) | {code for code, is_fulfilled in fulfilled.items() if is_fulfilled}


def unknown_codes(policy: Policy, applicant_type: str, codes: Collection[str]) -> list[str]:
    """Codes that are no material of this type."""
    known = {material.code for material in policy.materials_of(applicant_type)}
    return sorted(set(codes) - known)
