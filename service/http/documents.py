"""What a person reads goes out as JSON for programs or as a page for a browser, which may only show it."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.documents.rendering import content_policy
from service.http.problems import Problem


class Form(StrEnum):
    """The forms of a document."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"


_ACCEPTED = {"application/json": Form.JSON, "text/html": Form.HTML, "application/pdf": Form.PDF}
NOT_YET = "There is no PDF of it yet: ask for html and print it, or for json."
_WEIGHT = re.compile(r"q=([01](?:\.\d{1,3})?)")


def form_of(request: Request, stated: Form | None) -> Form:
    """What `format` states, else what `Accept` likes best, else JSON. A PDF is not made yet."""
    form = stated or _preferred(request.headers.get("accept", ""))
    if form is Form.PDF:
        raise Problem(406, detail=NOT_YET)
    return form


def _preferred(accept: str) -> Form:
    """The best liked of the forms; of those liked alike, the one that is named first."""
    liked: list[tuple[float, int, Form]] = []
    for place, part in enumerate(accept[:500].split(",")):
        name, *parameters = (each.strip().lower() for each in part.split(";"))
        weights = [float(found[1]) for each in parameters if (found := _WEIGHT.fullmatch(each))]
        weight = weights[0] if weights else 1.0
        if weight and name in _ACCEPTED:
            liked.append((-weight, place, _ACCEPTED[name]))
    return min(liked)[2] if liked else Form.JSON


def as_json(answer: BaseModel, language: str) -> Response:
    """For programs; its sentences are in that language."""
    headers = {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    return Response(answer.model_dump_json(), media_type="application/json", headers=headers)


def as_page(page: str, language: str) -> Response:
    """For a browser: it may show the page with its own style, and nothing else."""
    headers = {
        "Content-Language": language,
        "Content-Security-Policy": f"{content_policy()}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept, Accept-Language",
    }
    return HTMLResponse(page, headers=headers)


SHOWN_AS = {
    "content": {"text/html": {"schema": {"type": "string"}}},
    "description": "JSON, or a page that stands for itself: by `Accept`, or by `format`.",
}
