"""What the forms are made of: groups of fields that refuse unknown ones, and kinds of text that several forms ask."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from flows import choices

ApplicantId = Annotated[
    str,
    Field(title="申请人编号", description="看板和申请登记册中的编号，如 H01、P03", pattern=r"^[A-Za-z0-9-]{1,20}$"),
]


ExpertId = Annotated[
    str, Field(title="专家编号", description="专家库中的编号，如 Z09", pattern=r"^[A-Za-z0-9-]{1,20}$")
]


MaterialCode = Annotated[str, choices.MATERIALS]


Text = Annotated[str, Field(min_length=1, max_length=500)]


TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")]


DayOrNothing = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$"), BeforeValidator(lambda value: value or "")]


TextOrNothing = Annotated[str, Field(max_length=500), BeforeValidator(lambda value: value or "")]


DecimalText = Annotated[str, Field(pattern=r"^-?[0-9]{1,4}(\.[0-9]{1,4})?$")]


class Part(BaseModel):
    """A group of fields: unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class ActForm(Part):
    """What every act asks: who acts. `fields` is what the rules are given. The fields in `office_only` are asked of an
    operator and are no part of a scenario file."""

    office_only: ClassVar[frozenset[str]] = frozenset()

    by: Annotated[
        str, Field(title="经办人工号", description="本人的工号；须在在岗人员名单中", min_length=1, max_length=40)
    ]

    def fields(self) -> dict[str, Any]:
        """The act's own fields, as typed values."""
        return self.model_dump(exclude={"by"})
