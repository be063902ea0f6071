"""The site as it is served. Callers are counted only with COUNTED=1: two wrk threads are no two thousand callers."""

import os

from portability.wsgi import application

if not os.environ.get("COUNTED"):
    from eligibility.api.views import Endpoint

    Endpoint.throttle_classes = ()

__all__ = ["application"]
