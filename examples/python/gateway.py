"""A client of the gateway with Python's standard library alone. Copy it: it depends on nothing (Python 3.9 or later).

It asks by POST, and asks again where the gateway says that this helps and not sooner than it says. A question that is
refused as a whole is an exception; a field that could not be answered is null in the answer, with an error beside it.
"""

from __future__ import annotations

import json
import os
import random
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping, Optional

GATEWAY = "http://127.0.0.1:4000/graphql"

#: Of the whole answer: too much was asked, or nobody could answer now. Everything else is answered the same again.
WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})


class Refused(Exception):
    """The question was refused as a whole; nothing of it was answered."""

    def __init__(self, status: int, errors: list[Mapping[str, Any]], request_id: str) -> None:
        codes = ", ".join(code_of(error) for error in errors) or "no GraphQL answer"
        messages = " ".join(str(error.get("message", "")) for error in errors)
        super().__init__(f"{status} {codes}: {messages} (request {request_id})")
        self.status = status
        self.errors = errors
        self.request_id = request_id


@dataclass(frozen=True)
class Answer:
    """What could be answered, and what is to be known of it."""

    data: Mapping[str, Any]
    #: One for each field that is null because it could not be answered.
    errors: list[Mapping[str, Any]]
    #: One for each system whose last answer is repeated, because it cannot give a new one.
    warnings: list[Mapping[str, Any]]

    def notes(self) -> Iterator[str]:
        """What a reader should be told before anything else."""
        for error in self.errors:
            again = error["extensions"].get("retryAfter")
            yield f"{code_of(error)}: {error['message']}" + (f" Ask again at {again}." if again else "")
        for warning in self.warnings:
            yield f"{warning['code']}: {warning['message']} It is of {warning['readAt']}."


class Gateway:
    def __init__(
        self,
        token: str,
        url: str = GATEWAY,
        tries: int = 5,
        longest_wait: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.token = token
        self.url = url
        self.tries = tries
        #: Seconds; a spent budget is there again after a minute. Where the gateway says to come back later than this, it is
        #: left to whoever called.
        self.longest_wait = longest_wait
        self.sleep = sleep

    def ask(self, query: str, variables: Optional[Mapping[str, Any]] = None) -> Answer:
        """Raises `Refused`, or `OSError` where the gateway cannot be reached."""
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        for attempt in range(1, self.tries + 1):
            try:
                status, headers, answer = self._send(body)
            except OSError:
                if attempt == self.tries:
                    raise
                self.sleep(backoff(attempt))
                continue
            if not is_worth_another_try(status, headers) or attempt == self.tries:
                break
            wait = wait_of(headers, attempt)
            if wait > self.longest_wait:
                break
            self.sleep(wait)
        data, errors = answer.get("data"), answer.get("errors", [])
        if data is None:
            raise Refused(status, errors, headers.get("x-request-id", "unknown"))
        return Answer(data, errors, answer.get("extensions", {}).get("warnings", []))

    def pages(self, query: str, field: str, variables: Optional[Mapping[str, Any]] = None) -> Iterator[Answer]:
        """Page after page of one list, whose query takes `$after`. Ends with a page that could not be answered."""
        after: Optional[str] = None
        while True:
            answer = self.ask(query, {**(variables or {}), "after": after})
            yield answer
            page = answer.data[field]
            if page is None or not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    def _send(self, body: bytes) -> tuple[int, Mapping[str, str], Mapping[str, Any]]:
        request = urllib.request.Request(self.url, body, method="POST")
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/graphql-response+json, application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, response.headers, json.load(response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers, json_in(refusal.read())


def from_environment() -> Gateway:
    """Of `TOKEN`, and `GATEWAY_URL` where it is not the sandbox."""
    return Gateway(os.environ["TOKEN"], os.environ.get("GATEWAY_URL", GATEWAY))


def code_of(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code", "UNKNOWN"))


def is_worth_another_try(status: int, headers: Mapping[str, str]) -> bool:
    """An answer of 200 that says when to come back gives nothing: every field of it is null."""
    return status in WORTH_ANOTHER_TRY or (status == 200 and "retry-after" in headers)


def wait_of(headers: Mapping[str, str], attempt: int) -> float:
    """Seconds. `Retry-After` is never too soon; a little is added so that one's own clients do not come all at once."""
    said = headers.get("retry-after", "")
    return int(said) + random.uniform(0, 1) if said.isdigit() else backoff(attempt)


def backoff(attempt: int) -> float:
    """Seconds: a random part of 1, 2, 4, 8 and at most 16."""
    return random.uniform(0, min(16, 2 ** (attempt - 1)))


def json_in(body: bytes) -> Mapping[str, Any]:
    """A proxy in between may answer with something else."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
