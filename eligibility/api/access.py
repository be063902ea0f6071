"""Who asks, and how often they may: anonymously at a low rate, with an organisation's key at a higher one.

Requests are counted in Django's cache, which all processes share, in windows of one minute. Under what name a caller is
counted says nothing: it is a keyed hash of the address or of the key.
"""

from __future__ import annotations

import base64
import binascii
import logging
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from eligibility.api.models import Dialogue, OrganisationKey

WINDOW = 60  # seconds
log = logging.getLogger(__name__)


# --- keys -------------------------------------------------------------------------------------------------------------


class ByKey(BaseAuthentication):
    """`Authorization: Api-Key …`; or, for programs that know only that, Basic with the key as the password."""

    def authenticate(self, request: Request) -> tuple[None, OrganisationKey] | None:
        word, _space, rest = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if word.lower() == "api-key":
            return None, _key(rest.strip())
        if word.lower() == "basic":
            return None, _key(_password(rest.strip()))
        return None

    def authenticate_header(self, request: Request) -> str:
        return 'Api-Key realm="api"'


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _key(given: str) -> OrganisationKey:
    try:
        key: OrganisationKey = OrganisationKey.objects.get_from_key(given.replace("\0", ""))
    except OrganisationKey.DoesNotExist:
        raise AuthenticationFailed(
            "This key is unknown or revoked. Without one, you are served at a low rate."
        ) from None
    if key.has_expired:
        raise AuthenticationFailed("This key has expired.")
    key.used()
    return key


class InScope(BasePermission):
    """A key may be used for what it was made for. Who shows no key is asked for none."""

    message = "This key was not made for this address."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.auth is None or view.scope is None or view.scope in request.auth.scopes


# --- rates ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent:
    """Where a caller stands: of `limit` requests in a window `left` are left, and it ends in `reset` seconds."""

    policy: str
    limit: int
    left: int
    reset: int

    def headers(self) -> dict[str, str]:
        """The IETF's rate limit headers (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.reset}',
        }


class Rate(BaseThrottle):
    """So many requests a minute. A request that asks for much work counts for several: see `charge`."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.spent, allowed = _spend(request, self.get_ident(request), 1)
        return allowed

    def wait(self) -> float:
        return self.spent.reset


def charge(request: Request, requests: int) -> None:
    """Count this request as so many more. Raises Throttled if there is no room for them."""
    if requests > 0:
        spent, allowed = _spend(request, BaseThrottle().get_ident(request), requests)
        if not allowed:
            raise Throttled(spent.reset)


def _household(address: str) -> str:
    """An address as callers are told apart by it: of IPv6 the first half, since a caller has all of the second."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ip_network((int(found), 64), strict=False))


def _spend(request: Request, address: str, requests: int) -> tuple[Spent, bool]:
    """Count, and keep on the request where its caller now stands."""
    policy, who, limit = "anonymous", f"address {_household(address)}", settings.API_RATE_ANONYMOUS
    if request.auth is not None:
        policy, who, limit = "key", f"key {request.auth.pk}", settings.API_RATE_KEY
    now = int(time.time())
    name = salted_hmac("eligibility.api.access", who).hexdigest()
    used = _count(f"rate:{name}:{now // WINDOW}", requests)
    spent = Spent(policy, limit, max(0, limit - used), WINDOW - now % WINDOW)
    request._request.rate = spent  # type: ignore[attr-defined]
    return spent, used <= limit


def sweep(now: datetime) -> None:
    """Delete what has run out: the dialogues of yesterday, the counters of past minutes."""
    Dialogue.objects.filter(until__lte=now).delete()
    if isinstance(caches["default"], DatabaseCache):
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(caches["default"]._table)
            past = connection.ops.adapt_datetimefield_value(now)
            cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [past])  # noqa: S608 (our own table)


_swept = 0.0


def _sweep_sometimes() -> None:
    """Once a minute in each process, on whatever request comes: nobody has to set up a job for it."""
    global _swept
    if time.monotonic() - _swept > WINDOW:
        _swept = time.monotonic()
        sweep(timezone.now())


def _lock(cache: DatabaseCache, name: str) -> None:
    """Let nobody else change this entry before the transaction ends. SQLite has locked the whole file already."""
    if connection.features.has_select_for_update:
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(cache._table)
            key = cache.make_and_validate_key(name)
            cursor.execute(f"SELECT 1 FROM {table} WHERE cache_key = %s FOR UPDATE", [key])  # noqa: S608 (our own table)


def _count(name: str, requests: int) -> int:
    """Add to a counter that all processes share; how far it stands. If the cache is away, nobody is turned away."""
    # A database's cache reads and then writes: only a transaction that holds a lock makes that one step.
    backend = caches["default"]
    try:
        _sweep_sometimes()
        with transaction.atomic() if isinstance(backend, DatabaseCache) else nullcontext():
            if backend.add(name, requests, timeout=2 * WINDOW):
                return requests
            if isinstance(backend, DatabaseCache):
                _lock(backend, name)
            return int(backend.incr(name, requests))
    except ValueError:  # it ran out between the two steps
        return requests
    except (DatabaseError, OSError):
        log.warning("The cache does not answer, so requests are not counted.")
        return 0
