"""A client of the gateway with Python's standard library alone. Copy it: it depends on nothing (Python 3.9 or later).

It gets its tokens itself, asks by POST, and asks again where the gateway says that this helps and not sooner than it says. A question that is
refused as a whole is an exception; a field that could not be answered is null in the answer, with an error beside it.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import random
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Mapping, Optional

GATEWAY = "http://127.0.0.1:4000/graphql"

#: Status, headers and what there is of a GraphQL answer.
Received = tuple[int, Mapping[str, str], Mapping[str, Any]]

#: Of the whole answer: too much was asked, or nobody could answer now. Everything else is answered the same again.
WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})


class Refused(Exception):
    """The question was refused as a whole; nothing of it was answered."""

    def __init__(self, status: int, errors: list[Mapping[str, Any]], request_id: str = "unknown") -> None:
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
    #: Of the answer: `RateLimit` says what is left to spend, `Cache-Control` how long it is good.
    headers: Mapping[str, str]

    def notes(self) -> Iterator[str]:
        """What a reader should be told before anything else."""
        for error in self.errors:
            again = error.get("extensions", {}).get("retryAfter")
            yield f"{code_of(error)}: {error['message']}" + (f" Ask again at {again}." if again else "")
        for warning in self.warnings:
            yield f"{warning['code']}: {warning['message']} It is of {warning['readAt']}."


class Credentials:
    """Tokens by the client credentials grant: each is kept until shortly before it ends."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        parameters: Optional[Mapping[str, str]] = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`parameters`: `scope`, and `resource` or `audience` where the manufacturer names one."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", **(parameters or {})})
        self._request = urllib.request.Request(url, form.encode(), method="POST")
        pair = ":".join(urllib.parse.quote_plus(each) for each in (client_id, client_secret))
        self._request.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
        self._now = now
        self._lock = threading.Lock()
        self._token: Optional[str] = None
        self._until = 0.0

    def __call__(self, refused: Optional[str] = None) -> str:
        """A token, and not the one that has been refused. Raises `Refused` where the issuer gives none, or `OSError`."""
        with self._lock:
            if self._token is None or self._token == refused or self._now() >= self._until:
                self._token, self._until = self._fetch()
            return self._token

    def _fetch(self) -> tuple[str, float]:
        asked = self._now()
        status, _, answer = received_of(self._request, timeout=10)
        if "access_token" not in answer:
            if status in (400, 401, 403):
                raise Refused(status, [{"message": "the issuer gives no token", "extensions": {"code": answer.get("error")}}])
            raise ConnectionError(f"the issuer has answered {status} without a token")
        # Without a lifetime it is kept until the gateway refuses it. A minute is spare, so that none ends on its way.
        lifetime = float(answer.get("expires_in", "inf"))
        return answer["access_token"], asked + lifetime - min(60.0, lifetime / 2)


class Gateway:
    def __init__(
        self,
        token: Callable[[Optional[str]], str],
        url: str = GATEWAY,
        tries: int = 5,
        longest_wait: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`token` gives one before each request, and another where it is told that this was refused: `Credentials`."""
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
            if not is_worth_another_try(status, headers, answer) or attempt == self.tries:
                break
            wait = wait_of(headers, attempt)
            if wait > self.longest_wait:
                break
            self.sleep(wait)
        data, errors = answer.get("data"), answer.get("errors", [])
        if data is None:
            raise Refused(status, errors, headers.get("x-request-id", "unknown"))
        return Answer(data, errors, answer.get("extensions", {}).get("warnings", []), headers)

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

    def _send(self, body: bytes) -> Received:
        """With another token, once, where the first is refused."""
        first = self.token(None)
        received = self._send_with(first, body)
        second = self.token(first) if received[0] == 401 else first
        return received if second == first else self._send_with(second, body)

    def _send_with(self, token: str, body: bytes) -> Received:
        request = urllib.request.Request(self.url, body, method="POST")
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        request.add_header("Accept", "application/graphql-response+json, application/json")
        return received_of(request, timeout=30)


def from_environment() -> Gateway:
    """Of `TOKEN`, or in production of `TOKEN_URL`, `CLIENT_ID`, `CLIENT_SECRET`, and `TOKEN_PARAMETERS` such as
    `scope=payments:read&resource=...`; and of `GATEWAY_URL` where it is not the sandbox."""
    given = os.environ
    url = given.get("GATEWAY_URL", GATEWAY)
    if "TOKEN" in given:
        return Gateway(lambda refused: given["TOKEN"], url)
    parameters = dict(urllib.parse.parse_qsl(given.get("TOKEN_PARAMETERS", "")))
    return Gateway(Credentials(given["TOKEN_URL"], given["CLIENT_ID"], given["CLIENT_SECRET"], parameters), url)


def received_of(request: urllib.request.Request, timeout: float) -> Received:
    try:
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, response.headers, json_in(response.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.headers, json_in(refusal.read())
    except http.client.HTTPException as problem:
        # As where an answer breaks off, which is nothing but a lost connection.
        raise ConnectionError(f"the answer is not whole: {problem!r}") from problem


def code_of(error: Mapping[str, Any]) -> str:
    return str(error.get("extensions", {}).get("code", "UNKNOWN"))


def is_worth_another_try(status: int, headers: Mapping[str, str], answer: Mapping[str, Any]) -> bool:
    """An answer of 200 gives nothing where it says when to come back, as every field of it is null, and where it is of
    something in between that knows no GraphQL."""
    if status == 200:
        return "retry-after" in headers or not ("data" in answer or "errors" in answer)
    return status in WORTH_ANOTHER_TRY


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
