"""The forms of the acts whose letters can be read before they are done, as the gate's page needs them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from itertools import chain
from typing import Any

from flows.act_flow import read_form
from flows.forms import FORMS, ActForm
from flows.links import SHOWN_AS
from foundation.masking import FREE_TEXT, masked
from gate.letters import Form, Forms
from tasks.messages.foretelling import FORETOLD
from views.form_address import labelled


@cache
def letter_forms() -> Forms:
    """By the names of the acts."""
    return {act: _form(FORMS[act]) for act in dict.fromkeys(chain.from_iterable(FORETOLD.values()))}


def _form(model: type[ActForm]) -> Form:
    return Form(model.model_json_schema(), partial(_read, model), lambda values: labelled(values, SHOWN_AS))


def _read(model: type[ActForm], given: Mapping[str, Any]) -> dict[str, Any]:
    """The act's fields, as its run would have them: texts are masked as the door masks them. Raises InputError."""
    return read_form(model, masked(dict(given), FREE_TEXT)).fields()
