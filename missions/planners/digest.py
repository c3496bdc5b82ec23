"""A plan's digest: SHA-256 over its canonical JSON, everything but the digest itself."""

import hashlib
from dataclasses import replace

import msgspec

from missions.model import Plan
from world.ids import Digest


def digest_of(plan: Plan) -> Digest:
    """Equal for equal content: fields in the order of their declaration, floats in shortest form."""
    return Digest(hashlib.sha256(msgspec.json.encode(replace(plan, digest=Digest("")))).hexdigest())


def sealed(plan: Plan) -> Plan:
    """The plan with its digest filled in."""
    return replace(plan, digest=digest_of(plan))


def is_genuine(plan: Plan) -> bool:
    return plan.digest == digest_of(plan)
