"""Where to claim and whom to call; also as Open Referral's Human Services Data Specification 3 (HSDS), which hotlines
exchange: there a scheme's counter is a service, its institution an organization, its address a location."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from eligibility.api import law as show
from eligibility.explain import words
from eligibility.rulebook import Rulebook
from eligibility.rulebook.model import Office, Scheme

SPACE = UUID("6f0a1f6e-9b1c-5a52-8a43-1f2f3f0c7b11")
"""Identifiers are worked out from names within this space, so that they stay the same in every edition."""

Data = dict[str, Any]


def every(law: Rulebook, wanted: Mapping[str, Any]) -> Iterable[tuple[Scheme, Office, str]]:
    """The counters of the schemes that pass the filters, each with its id."""
    for scheme in law.schemes.values():
        if (
            wanted.get("country") in (None, scheme.country)
            and wanted.get("benefit") in (None, *scheme.gives)
            and wanted.get("scheme") in (None, scheme.id)
        ):
            for number, office in enumerate(scheme.offices):
                yield scheme, office, f"{scheme.id}.{number}"


def plain(scheme: Scheme, office: Office, name: str) -> Data:
    """A counter in our own words."""
    return {
        "id": name,
        "country": scheme.country,
        "scheme": scheme.id,
        "benefits": [benefit.value for benefit in scheme.gives],
        **show.office(office),
    }


def hsds(scheme: Scheme, office: Office, name: str, law: Rulebook) -> Data:
    """A counter as a service of HSDS 3. What we do not know is left out."""
    service: Data = {
        "id": _id("service", name),
        "name": f"{scheme.short}: {office.name}",
        "alternate_name": scheme.local_name,
        "description": ", ".join(words.benefit(benefit) for benefit in scheme.gives),
        "status": "active",
        "application_process": " ".join(filter(None, (office.form, show.told(office.note)))),
        "organization": {
            "id": _id("organization", scheme.country, scheme.institution),
            "name": scheme.institution or scheme.name,
            "description": scheme.name,
        },
        "service_areas": [
            {
                "id": _id("area", name),
                "name": words.country(scheme.country),
                "extent": scheme.country,
                "extent_type": "text",
            }
        ],
    }
    service = {key: value for key, value in service.items() if value}
    if re.match(r"https?://", office.url):
        service["url"] = office.url
    if office.phone:
        service["phones"] = [{"id": _id("phone", name), "number": office.phone}]
    if office.address:
        location = {
            "id": _id("location", name),
            "location_type": "physical",
            "name": office.name,
            "description": office.address,
        }
        service["service_at_locations"] = [{"id": _id("place", name), "location": location}]
    return service


def hsds_page(found: list[Data], total: int, number: int, size: int) -> Data:
    """A page of services as HSDS 3 wraps it; `number` counts from 1."""
    pages = max(1, -(-total // size))
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": size,
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not found,
        "contents": found,
    }


def _id(*names: str) -> str:
    return str(uuid5(SPACE, " ".join(names)))
