"""Whether an act that was recorded by mistake may be taken back: by whom, until which later act; or why it is final."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.second_persons import EVERY_ROLE

TAKE_BACK, TAKE_BACK_POSTING = "take_back_act", "take_back_posting"


@dataclass(frozen=True, slots=True)
class Correction:
    """What the policy says of one act. `by`: the roles that may ask for it to be taken back; `until`: the later acts on
    the same dossier after which it stays; `consequence`: what then happens, in words. An act without `by` is final, and
    `why` says why, or which other way there is; one that `is_harmless` writes nothing to take back.
    `with_` is the act that takes it back."""

    act: str
    by: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    consequence: str = ""
    why: str = ""
    is_harmless: bool = False
    with_: str = TAKE_BACK

    @property
    def is_possible(self) -> bool:
        """May the act be taken back at all?"""
        return bool(self.by)

    def may_be_asked_by(self, roles: tuple[str, ...] | list[str]) -> bool:
        """Whether somebody with these roles may ask for it."""
        return EVERY_ROLE in roles or bool(set(roles) & set(self.by))

    def said(self, labels: Mapping[str, str], roles: Mapping[str, str]) -> str:
        """What a form says of it before it is submitted; of one that writes nothing, nothing."""
        if self.is_harmless:
            return ""
        if not self.is_possible:
            return f"提交后不能撤回：{self.why}"
        until = "、".join(f"“{labels[one]}”" for one in self.until)
        who = "、".join(roles[one] for one in self.by)
        before = f"{until}以前，" if until else ""
        return f"录错了可以撤回：{before}由{who}用“{labels[self.with_]}”提出、另一人复核；{self.consequence}"
