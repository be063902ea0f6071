"""The site as it is served. Callers are counted only with COUNTED=1; with AFRESH=1 no part of an answer is kept."""

import os

from portability.wsgi import application

if not os.environ.get("COUNTED"):
    from eligibility.api.views import Endpoint

    Endpoint.throttle_classes = ()

if os.environ.get("AFRESH"):
    from eligibility.api import writing

    writing.MOST_KEPT = 0

__all__ = ["application"]
