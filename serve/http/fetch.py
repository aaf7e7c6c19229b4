"""An address -> a file, for services that take addresses: off by default, since it makes requests for strangers.

Every name is resolved here, every address it has must be public, and the connection goes to that very address (a name
that answers otherwise a moment later gains nothing). Redirects are followed by hand and begin anew each time.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import NoReturn
from urllib.parse import unquote

import httpx

from catchlight.serve.http import problems
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.spool import Spool, Upload
from catchlight.serve.http.uploads import NAMELESS, clean

REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system's resolver tells them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet: not private, local, reserved, shared, or one within another.

    Example:
        >>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
        (True, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None or (ip.version == 6 and ip in NAT64):
        return False
    return ip.is_global and not ip.is_multicast


NAT64 = ipaddress.ip_network("64:ff9b::/96")


@contextmanager
def fetched(
    url: str,
    spool: Spool,
    config: ServerConfig,
    name: str | None = None,
    *,
    resolver: Resolve = resolve,
    public: Callable[[str], bool] = is_public,
) -> Iterator[Upload]:
    """The file behind an address.

    Args:
        url: http or https, on the usual port.
        spool: Where to put the file.
        config: Its size and the time that it may take.
        name: What to call it; by default the last part of the path.
        resolver: From name and port to addresses.
        public: Which addresses may be asked.
    """
    until = time.monotonic() + config.url_timeout
    with httpx.Client(follow_redirects=False, trust_env=False, timeout=config.url_timeout) as client:
        for _ in range(REDIRECTS + 1):
            request = _pinned(client, url, resolver, public)
            with _sent(client, request) as response:
                if response.is_redirect:
                    url = _next(url, response)
                    continue
                _check(response, config)
                body = _Body(response.iter_bytes(), config.max_body, until)
                with spool.keep(body, clean(name or _name(url))) as upload:
                    yield upload
                return
    _refuse(f"more than {REDIRECTS} redirects")


def _pinned(
    client: httpx.Client, url: str, resolver: Resolve, public: Callable[[str], bool]
) -> httpx.Request:
    """A request to the address that was checked, with the name where the server looks for it."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        _refuse(f"this is no address: {error}")
    if parsed.scheme not in PORTS or not parsed.host:
        _refuse("an address begins with http:// or https:// and names a host")
    if parsed.userinfo:
        _refuse("an address with a user name is not followed")
    port = parsed.port or PORTS[parsed.scheme]
    address = _address(parsed.host, port, resolver, public)
    host = f"[{address}]" if ":" in address else address
    own = {
        "Host": parsed.netloc.decode(),
        "Accept": "image/*, video/*, */*;q=0.1",
        "Accept-Encoding": "identity",
    }
    return client.build_request(
        "GET",
        parsed.copy_with(host=host),
        headers=own,
        extensions={"sni_hostname": parsed.host, "timeout": client.timeout.as_dict()},
    )


def _address(host: str, port: int, resolver: Resolve, public: Callable[[str], bool]) -> str:
    try:
        addresses = resolver(host, port)
    except (OSError, UnicodeError) as error:
        _refuse(f"the host's name has no address ({error})")
    # One private address among public ones is a trick, and not a mistake.
    if not addresses or not all(public(address) for address in addresses):
        _refuse("the host is not on the open internet; send the file itself")
    return addresses[0]


@contextmanager
def _sent(client: httpx.Client, request: httpx.Request) -> Iterator[httpx.Response]:
    try:
        response = client.send(request, stream=True)
    except httpx.HTTPError as error:
        _refuse(f"it gave no answer ({type(error).__name__})")
    try:
        yield response
    finally:
        response.close()


def _next(url: str, response: httpx.Response) -> str:
    try:
        return str(httpx.URL(url).join(response.headers.get("Location", "")))
    except (httpx.InvalidURL, UnicodeError) as error:
        _refuse(f"it redirects to something that is no address: {error}")


def _check(response: httpx.Response, config: ServerConfig) -> None:
    if response.status_code != 200:
        _refuse(f"it answered with status {response.status_code}")
    length = response.headers.get("Content-Length", "0")
    if length.isdecimal() and int(length) > config.max_body:
        _too_large(config.max_body)


class _Body:
    """What comes, as long as it is neither too much nor too late."""

    def __init__(self, parts: Iterator[bytes], most: int, until: float) -> None:
        self._parts, self._most, self._until, self._read = parts, most, until, 0

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, of whatever size it came in; empty at the end."""
        try:
            part = next(self._parts, b"")
        except httpx.HTTPError as error:
            _refuse(f"it broke off ({type(error).__name__})")
        self._read += len(part)
        if self._read > self._most:
            _too_large(self._most)
        if time.monotonic() > self._until:
            _refuse("it took too long")
        return part


def _name(url: str) -> str:
    return unquote(PurePosixPath(httpx.URL(url).path).name) or NAMELESS


def _refuse(why: str) -> NoReturn:
    problems.refuse("url_refused", f"the address can't be judged: {why}")


def _too_large(most: int) -> NoReturn:
    problems.refuse("payload_too_large", f"what the address shows is over {most:,} bytes")
