"""`node ./streaming/index.js`: the streaming process. Health is a constant which asks neither database nor
Redis; on TERM all connections drop and the exit status is 0."""

import asyncio
import json
import signal
import sys
import time

from aiohttp import WSMsgType, web

from . import release, settings

BOOT_SECONDS = 0.3
TICK_SECONDS = 1.0


async def health(request):
    if request.app["unhealthy"]:
        return web.Response(status=503, text="stand-in: this release is never healthy")
    return web.Response(text="OK")


async def tick(socket):
    while True:
        payload = json.dumps({"at": time.time(), "version": release.version()})
        await socket.send_str(json.dumps({"stream": ["public"], "event": "standin.tick", "payload": payload}))
        await asyncio.sleep(TICK_SECONDS)


async def stream(request):
    """Ticks each second, and echoes what it is sent."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return web.json_response({"error": "stand-in: websocket only"}, status=404)
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    ticking = asyncio.ensure_future(tick(socket))
    try:
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(json.dumps({"event": "standin.echo", "payload": message.data}))
    finally:
        ticking.cancel()
    return socket


async def mark(_request, response):
    response.headers["X-Stand-In"] = "mastodon"


async def serve():
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = web.Application()
    app["unhealthy"] = release.facts().get("streaming_unhealthy", False)
    app.on_response_prepare.append(mark)
    app.router.add_get("/api/v1/streaming/health", health)
    app.router.add_get("/api/v1/streaming", stream)
    app.router.add_get("/api/v1/streaming/", stream)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    bind, port = settings.text("BIND", "127.0.0.1"), int(settings.number("PORT", 4000))
    await web.TCPSite(runner, bind, port).start()
    print(f"Streaming API now listening on {bind}:{port}", flush=True)
    await stop.wait()
    await asyncio.sleep(settings.number("STANDIN_DRAIN_SECONDS", 0))


def main(arguments):
    if not arguments or not arguments[0].rstrip("/").endswith(("streaming", "streaming/index.js")):
        print("stand-in: node only knows ./streaming/index.js", file=sys.stderr)
        return 1
    settings.boot("streaming", BOOT_SECONDS)
    asyncio.run(serve())
    return 0
