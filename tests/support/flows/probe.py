"""Small flows that the tests deploy to see what the worker does with them."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from pydantic import BaseModel, ConfigDict, Field

from flows.forms.parts import in_order


class ProbeForm(BaseModel):
    """A form as the real flows have it: one nested model, Chinese titles, nothing extra."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=in_order)

    note: str = Field(title="备注", max_length=20)
    day: str = Field(default="2026-01-05", title="日期", pattern=r"^\d{4}-\d{2}-\d{2}$")


@task
def work(note: str) -> str:
    return f"收到{note}"


@flow(name="probe")
async def probe(form: Annotated[ProbeForm, Field(json_schema_extra={"title": "试验表"})]) -> str:
    """试验流程：收下一张表。"""
    logging.getLogger("dingdian.notifications").warning("试验：%s", form.note)
    return work(form.note)


@flow(name="probe-tick")
async def tick() -> None:
    """试验流程：定时。"""


@flow(name="probe-slow")
async def slow(seconds: int = 30) -> None:
    """试验流程：慢。"""
    for _ in range(seconds * 10):
        await asyncio.sleep(0.1)


@flow(name="probe-blocking")
async def blocking(until: str) -> None:
    """试验流程：占住自己的线程，直到这个文件出现。"""
    while not Path(until).exists():
        time.sleep(0.05)


@flow(name="probe-bad")
async def bad(how: str = "error") -> None:
    """试验流程：以各种方式出错。"""
    match how:
        case "error":
            raise ValueError("材料不齐")
        case "exit":
            raise SystemExit(3)
        case "interrupt":
            raise KeyboardInterrupt
        case "die":
            os._exit(9)
