"""Time and expenses over HTTP: the cadre delivers, the client approves or disputes."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from domain.mission.days import ApproveDays, DeliverDay, DisputeDay, SettleDispute, WithdrawDay
from domain.mission.expenses import RecordExpense, WithdrawExpense
from service.http.commands import command_route

router = APIRouter(tags=["days"])

command_route(router, "/missions/{mission_id}/days", DeliverDay, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/days/approvals", ApproveDays)
command_route(router, "/missions/{mission_id}/days/withdrawals", WithdrawDay)
command_route(router, "/missions/{mission_id}/days/disputes", DisputeDay)
command_route(router, "/missions/{mission_id}/days/settlements", SettleDispute)
command_route(router, "/missions/{mission_id}/expenses", RecordExpense, HTTPStatus.CREATED)
command_route(router, "/missions/{mission_id}/expenses/withdrawals", WithdrawExpense)
