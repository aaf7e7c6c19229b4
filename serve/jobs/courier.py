"""Delivers webhooks: a POST to an address that a stranger gave, so it goes to the open internet only.

The host's name is resolved once, every address it has must be public, and the connection goes to the one that was
checked; a redirect is a refusal. What is not delivered comes again, eight times in an hour.
"""

from __future__ import annotations

import http.client
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from catchlight.detector.errors import ConfigError, StoreError
from catchlight.serve.jobs import webhooks
from catchlight.serve.jobs.types import Delivery, JobStore

log = logging.getLogger(__name__)

NAT64 = ipaddress.ip_network("64:ff9b::/96")  # public by number, and a way to private IPv4 addresses


@dataclass(frozen=True, slots=True)
class CourierConfig:
    """How webhooks are delivered."""

    poll: float = 1.0  # seconds between two looks
    timeout: float = 10.0  # seconds for the whole of a call
    private: bool = False  # call private addresses, too: for receivers in the same network


class Courier:
    """Delivers what the store has to tell; for one thread.

    Args:
        store: Whose jobs.
        config: How.
    """

    def __init__(self, store: JobStore, config: CourierConfig = CourierConfig()) -> None:
        self._store, self._config = store, config

    def run(self, stop: threading.Event) -> None:
        """Deliver until ``stop`` is set."""
        while not stop.is_set():
            try:
                if not self.deliver():
                    stop.wait(self._config.poll)
            except StoreError as error:
                log.error("%s", error)
                stop.wait(10 * self._config.poll)

    def deliver(self) -> bool:
        """Make one call; False if there is none to make.

        Raises:
            StoreError: The store is away.
        """
        delivery = self._store.next_delivery(3 * self._config.timeout)
        if delivery is None:
            return False
        ok = self._told(delivery)
        self._store.delivered(delivery, ok)
        return True

    def _told(self, delivery: Delivery) -> bool:
        job, body = delivery.job, webhooks.body_of(delivery.job)
        headers = webhooks.sign(self._store.webhook_secret(job.owner), job.id, body)
        try:
            status = post(delivery.url, body, headers, self._config)
        except (OSError, http.client.HTTPException, ValueError, ConfigError) as error:
            log.warning("webhook of job %s, try %d: %s", job.id, delivery.tries + 1, error)
            return False
        if not 200 <= status < 300:
            log.warning("webhook of job %s, try %d: status %d", job.id, delivery.tries + 1, status)
        return 200 <= status < 300


def post(url: str, body: bytes, headers: dict[str, str], config: CourierConfig) -> int:
    """Send a message; returns the status.

    Raises:
        ConfigError: The address is not public.
        OSError: No connection, or no answer in time.
        HTTPException: The answer is no HTTP.
    """
    parts = urlsplit(url)
    connection = _connected(parts, config)
    whole = threading.Timer(config.timeout, _cut, (connection,))  # a receiver may dribble for ever
    whole.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        own = {"Content-Type": "application/json", "User-Agent": "catchlight-webhook", "Connection": "close"}
        connection.request("POST", path, body, own | headers)
        return connection.getresponse().status
    finally:
        whole.cancel()
        connection.close()


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet.

    Example:
        >>> is_public("93.184.215.14"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
        (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None or (ip.version == 6 and ip in NAT64):
        return False
    return ip.is_global and not ip.is_multicast


def _connected(parts: SplitResult, config: CourierConfig) -> http.client.HTTPConnection:
    """A connection to the very address that was checked."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not config.private and not all(is_public(address) for address in addresses):
        raise ConfigError(
            f"{host} is not on the open internet; receivers in your own network need --private-webhooks"
        )
    plug = socket.create_connection((addresses[0], port), config.timeout)
    try:
        if secure:
            plug = ssl.create_default_context().wrap_socket(plug, server_hostname=host)
    except BaseException:
        plug.close()
        raise
    connection = http.client.HTTPConnection(host, port, timeout=config.timeout)
    connection.sock = plug
    return connection


def _cut(connection: http.client.HTTPConnection) -> None:
    plug = connection.sock
    if plug is not None:
        _quietly(lambda: plug.shutdown(socket.SHUT_RDWR))


def _quietly(act: Callable[[], object]) -> None:
    try:
        act()
    except OSError:
        log.debug("the connection was closed already")
