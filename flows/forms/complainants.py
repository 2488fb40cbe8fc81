"""Who objected or complained, as a file: the names come by no form."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from flows.forms.entries import Code, Email, Entry, Number


class ComplainantEntry(Entry):
    """Who made an objection, or (`agreement_number`) a complaint about a designated institution, by its number under
    that agreement."""

    ref: Code
    agreement_number: str = ""
    name: Annotated[str, Field(min_length=1)]
    phone: Number = ""
    email: Email = ""
    address: str = ""

    @model_validator(mode="after")
    def _can_be_answered(self) -> ComplainantEntry:
        if not (self.phone or self.email or self.address):
            raise ValueError(f"“{self.ref}”的异议人（举报人）没有电话、邮箱或地址：留不下联系方式的按匿名登记")
        return self


class ComplainantsFile(Entry):
    """Who made which objection."""

    complainants: Annotated[list[ComplainantEntry], Field(title="异议人", min_length=1)]
