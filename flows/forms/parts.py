"""What the forms are made of: groups of fields that refuse unknown ones, and kinds of text that several forms ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from flows import choices
from flows.choices import YES_OR_NO
from flows.forms.pasted import (
    BARE,
    CLOCKED,
    DAYED,
    IS_CLOCK,
    IS_CLOCK_OR_NOTHING,
    IS_CODE,
    IS_CODE_OR_NOTHING,
    IS_DECIMAL,
    IS_REF,
    OR_NOTHING,
    SQUEEZED,
    a_day,
    is_from_a_form,
    kept,
)

ApplicantId = Annotated[
    str,
    BARE,
    IS_CODE,
    Field(title="申请人编号", description="可从看板或结果页复制粘贴，如 H01、P03；多余的空格和全角字符会自动整理"),
]


OptionalApplicantId = Annotated[
    str,
    OR_NOTHING,
    BARE,
    IS_CODE_OR_NOTHING,
    Field(title="申请人编号", description="如 H01、P03；填了协议编号的留空"),
]


ExpertId = Annotated[
    str,
    BARE,
    IS_CODE,
    Field(title="专家编号", description="专家库中的编号，如 Z09"),
]


ObjectionRef = Annotated[
    str,
    BARE,
    IS_REF,
    Field(title="异议编号", description="本单位自编，不重复即可，如 P02-1；之后作结论时填同一编号"),
]


MaterialCode = Annotated[str, choices.MATERIALS]


Text = Annotated[str, Field(min_length=1, max_length=500)]


TimeOfDay = Annotated[str, CLOCKED, IS_CLOCK]


TimeOrNothing = Annotated[str, OR_NOTHING, CLOCKED, IS_CLOCK_OR_NOTHING]


DayOrNothing = Annotated[str, OR_NOTHING, DAYED, AfterValidator(a_day)]


LongTextOrNothing = Annotated[str, Field(max_length=4000), OR_NOTHING]


TextOrNothing = Annotated[str, Field(max_length=500), OR_NOTHING]


DecimalText = Annotated[str, SQUEEZED, IS_DECIMAL]


RoundNumber = Annotated[
    str,
    BARE,
    Field(
        title="轮次",
        description="从看板或结果页打开时已填好；自己填表可以留空，编号在几个轮次里都有时才须填轮次号，如 2",
        pattern=r"^[0-9]{0,9}$",
    ),
    OR_NOTHING,
]


NONE_YET: dict[str, Any] = {"default": []}  # a list that may stay empty
YesNo = Annotated[bool, YES_OR_NO]  # chosen, never a switch: one that was merely forgotten looks like "no"


def in_order(schema: dict[str, Any]) -> dict[str, Any]:
    """Numbers the fields of a form: PostgreSQL keeps no order of keys, and Prefect numbers the top level only."""
    for position, field in enumerate(schema.get("properties", {}).values()):
        field["position"] = position
    return schema


class Part(BaseModel):
    """A group of fields: unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    @field_validator("*", mode="before")
    @classmethod
    def _kept(cls, value: Any, info: ValidationInfo) -> Any:
        return kept(value, info)

    @model_validator(mode="before")
    @classmethod
    def _left_as_it_was(cls, value: Any, info: ValidationInfo) -> Any:
        """What a person left untouched, as the form showed it: Prefect does not send a list that nobody opened."""
        if not isinstance(value, Mapping) or not is_from_a_form(info):
            return value
        return {**cls.shown_at_first(), **value}

    @classmethod
    def shown_at_first(cls) -> dict[str, Any]:
        """What the form shows in fields that a file must give: `default` of the JSON schema, not of the model."""
        extras = {name: info.json_schema_extra for name, info in cls.model_fields.items()}
        return {
            name: extra["default"] for name, extra in extras.items() if isinstance(extra, dict) and "default" in extra
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core))
        may_be_empty = [name for name, shown in cls.shown_at_first().items() if shown == []]
        schema["required"] = [name for name in schema.get("required", ()) if name not in may_be_empty]
        return in_order(schema)


class ActForm(Part):
    """What every act needs: who acts. A scenario file says it; an operator is not asked, for his run shows who was
    logged in (`flows.starter`). `fields` is what the rules are given. The fields in `office_only` are asked of an
    operator and are no part of a scenario file."""

    office_only: ClassVar[frozenset[str]] = frozenset()

    by: Annotated[
        str,
        Field(title="经办人工号", description="填本人的工号，如 1001；须在在岗人员名单中", min_length=1, max_length=40),
        BARE,
    ]

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core, handler)
        schema["properties"].pop("by")
        schema["required"] = [name for name in schema.get("required", ()) if name != "by"]
        return in_order(schema)

    @property
    def round_id(self) -> int:
        """The round that the form names; 0: none, its numbers say which."""
        return 0

    def fields(self) -> dict[str, Any]:
        """The act's own fields, as typed values."""
        return self.model_dump(exclude={"by", "round"})


class OfRound(Part):
    """What is asked about something in a round: which round, where its numbers do not say so."""

    round: RoundNumber = ""

    @property
    def round_id(self) -> int:
        """The round that the form names; 0: none, its numbers say which."""
        return int(self.round or 0)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core, handler)
        schema["properties"]["round"] = schema["properties"].pop("round")  # it is asked last
        return in_order(schema)


class RoundForm(OfRound, ActForm):
    """What every act in a round asks. A scenario is one round, so its file says no number."""

    office_only: ClassVar[frozenset[str]] = frozenset({"round"})
