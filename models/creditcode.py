"""The unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, the last one a check character."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V and Z, which are mistaken for others
LENGTH = 18


def is_credit_code(text: str) -> bool:
    """Is it a code of the standard's form whose check character fits?"""
    if len(text) != LENGTH or any(character not in ALPHABET for character in text):
        return False
    return text[-1] == check_character(text[:-1])


def check_character(text: str) -> str:
    """The eighteenth character that belongs to the first seventeen (weights: powers of 3, modulo 31)."""
    modulus = len(ALPHABET)
    total = sum(ALPHABET.index(character) * pow(3, place, modulus) for place, character in enumerate(text))
    return ALPHABET[-total % modulus]
