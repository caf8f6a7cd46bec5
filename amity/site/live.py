"""The live stream: `/live` as server-sent events, for `granian --interface asgi amity.site.live:application`.

One process, one LISTEN connection, any number of browsers. It says what changed, never what it is: pages ask again
under their own access.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ["DJANGO_SETTINGS_MODULE"] = "amity.site.live_settings"
    django.setup()

from amity.site.stream import gate
from amity.site.stream.hub import Client, Hub, Listener, TooManyListeners
from amity.site.stream.listener import listen

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PING_SECONDS = 15.0
RECHECK_SECONDS = 60.0
RECHECK_PAUSE_SECONDS = 1.0
RETRY_MS = 3_000


class LiveStream:
    """The ASGI application. Its background work starts with the process, or with the first request of a server that
    does not tell of its start."""

    def __init__(self, hub: Hub | None = None) -> None:
        self.hub = hub or Hub()
        self._recheck = asyncio.Event()
        self._background: list[asyncio.Task[None]] = []
        # One thread, so one database connection, for all questions about sessions.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gate")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        if scope["type"] != "http":
            return
        self._start()
        if scope["path"] in {"/healthz", "/live/healthz"}:
            await _answer(send, 200, b"ok")
        elif scope["path"].rstrip("/") != "/live":
            await _answer(send, 404, b"not found")
        elif scope["method"] != "GET":
            await _answer(send, 405, b"GET only")
        else:
            await self._live(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Listen from the start: what is not connected to the database shows as broken on the Status screen."""
        while True:
            event = (await receive())["type"]
            if event == "lifespan.startup":
                self._start()
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return

    def _start(self) -> None:
        if not self._background:
            loop = asyncio.get_running_loop()
            _before_the_end(loop, self.hub)
            self._background = [
                loop.create_task(listen(self.hub, self._recheck)),
                loop.create_task(self._keep_checking()),
            ]

    async def stop(self) -> None:
        """End the background work (for tests; a process just ends)."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background = []
        self._thread.shutdown(wait=False)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        origin = headers.get("origin", "")
        if origin and not gate.is_own_origin(origin, headers.get("host", "")):
            await _answer(send, 403, b"not from there")
            return
        allow = _allow(origin)
        loop = asyncio.get_running_loop()
        key = gate.session_key_of(headers.get("cookie", ""))
        listener = await loop.run_in_executor(self._thread, gate.admit_one, key)
        if listener is None:
            await _answer(send, 401, b"sign in first", allow)
            return
        try:
            client = self.hub.join(
                listener, last_event_id=headers.get("last-event-id", ""), at_seconds=loop.time()
            )
        except TooManyListeners as error:
            await _answer(send, 429 if error.of_one_person else 503, b"too many streams", allow)
            return
        try:
            await _stream(client, self.hub.boot, allow, receive, send)
        finally:
            self.hub.leave(client)

    async def _keep_checking(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                await asyncio.wait_for(self._recheck.wait(), RECHECK_SECONDS)
                await asyncio.sleep(RECHECK_PAUSE_SECONDS)  # many changes at once are checked once
            except TimeoutError:
                pass
            self._recheck.clear()
            keys = self.hub.session_keys()
            admitted = await loop.run_in_executor(self._thread, _admitted, keys)
            if admitted is not None:
                self.hub.recheck(keys, admitted)


def _before_the_end(loop: asyncio.AbstractEventLoop, hub: Hub) -> None:
    """Close the streams when the server is told to stop: it waits for them, and they never end by themselves."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may; then the server's own patience ends them
    servers_own = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hub.close)
        if callable(servers_own):
            servers_own(number, frame)

    signal.signal(signal.SIGTERM, stop)


def _admitted(keys: set[str]) -> list[Listener] | None:
    """None while the database is away: nobody is sent off because of that, and nothing is announced meanwhile."""
    try:
        return gate.admit_again(keys)
    except django.db.OperationalError:
        return None


def _allow(origin: str) -> list[tuple[bytes, bytes]]:
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]


async def _answer(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    plain = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store"), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": plain})
    await send({"type": "http.response.body", "body": body})


async def _stream(
    client: Client, boot: str, allow: list[tuple[bytes, bytes]], receive: Receive, send: Send
) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        *allow,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": f"retry: {RETRY_MS}\n\n".encode(), "more_body": True})
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        while not gone.done():
            waiting = asyncio.ensure_future(client.wake.wait())
            await asyncio.wait({waiting, gone}, timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if gone.done():
                return
            body = b"".join(client.take(boot)) or b": ping\n\n"
            await send({"type": "http.response.body", "body": body, "more_body": not client.is_over})
            if client.is_over:
                return
    finally:
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


application = LiveStream()
