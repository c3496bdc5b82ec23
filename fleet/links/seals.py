"""The seals of all links of a site: who signs with which key, what was refused and whose it was."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fleet.links.address import LinkSpec
from fleet.links.seal import Refused, Seal
from fleet.wire.signing import Refusal, SigningMemory
from fleet.wire.signing_keys import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What is said of one vehicle's signatures on one link; keys by their fingerprints."""

    is_signed: bool = False
    link_key: str | None = None
    """That of the link: it signs for vehicles that have shown no other one."""
    vehicle_key: str | None = None
    """That which the vehicle signed its newest frame with, and is answered with; None where it signs nothing."""
    refused: int = 0
    """Frames of the whole link that were not let in for their signature, since the start."""


def forgets(link: str) -> SigningMemory:
    """Remembers nothing over restarts: for simulations and tests."""
    return SigningMemory()


class Seals:
    """By link. A link without keys and policy has one that looks at nothing."""

    def __init__(self, links: Iterable[LinkSpec], memory: Callable[[str], SigningMemory] = forgets) -> None:
        """`memory`: by link, what its signatures remember. Raises KeyMissing where a policy asks for keys."""
        self._seals = {link.name: Seal(link, number, memory(link.name)) for number, link in enumerate(links)}

    def __iter__(self) -> Iterator[str]:
        return iter(self._seals)

    def get(self, link: str) -> Seal | None:
        return self._seals.get(link)

    def is_signing(self, link: str) -> bool:
        """Whether what leaves by a link is signed."""
        seal = self._seals.get(link)
        return seal is not None and seal.is_signing

    def keys(self, link: str) -> KeyRing | None:
        """Those in force on a link that signs."""
        seal = self._seals.get(link)
        return None if seal is None else seal.keys

    def rekey(self, link: str, keys: KeyRing) -> None:
        """Other keys for a link that had some. A vehicle goes on with the key it has, while that is among them."""
        self._seals[link].rekey(keys)

    def is_proven(self, link: str, sysid: int) -> bool:
        """Whether the vehicle has signed with the link's current key, and with no other since."""
        seal = self._seals.get(link)
        if seal is None or seal.keys is None or seal.is_bare(sysid):
            return False
        return seal.key_of(sysid) == seal.keys.current

    def signing(self, link: str, sysid: int) -> Signing:
        """How signatures do on a path."""
        seal = self._seals.get(link)
        if seal is None or seal.counters is None:
            return Signing()
        keys, key = seal.keys, None if seal.is_bare(sysid) else seal.key_of(sysid)
        return Signing(
            is_signed=seal.is_signing, refused=seal.counters.refused.total(),
            link_key=None if keys is None else keys.current.fingerprint,
            vehicle_key=None if key is None else key.fingerprint,
        )

    def refused(self) -> dict[str, Mapping[Refusal, Refused]]:
        """By link and reason, since the start."""
        return {name: seal.refused() for name, seal in self._seals.items()}

    def fault(self) -> str | None:
        """Why times of signatures are not kept at the moment."""
        return next((fault for seal in self._seals.values() if (fault := seal.memory.fault) is not None), None)
