"""Signing keys as one vehicle's commands see them: which it has, which it may be given, and by which path."""

from typing import Protocol

from fleet.drivers.mavlink.keys import NOTHING
from fleet.switchboard import Switchboard
from fleet.wire.signing import SigningPolicy
from fleet.wire.signing_keys import SigningKey
from world.ids import VehicleId


class KeyStore(Protocol):
    """Where the site keeps its keys."""

    def find(self, link: str, fingerprint: str) -> SigningKey | None:
        """A key of the link, or the one that shall be next; nothing changes by asking."""

    def take_up(self, link: str, key: SigningKey) -> None:
        """The key is on its way to a vehicle: wherever the link's key is in use, this one counts from now on, too."""


class NoKeys:
    """Of a site without any."""

    def find(self, link: str, fingerprint: str) -> SigningKey | None:
        return None

    def take_up(self, link: str, key: SigningKey) -> None:
        return None


class VehicleKeys:
    """Of one vehicle, by all its paths: an autopilot has one key for all its ports."""

    def __init__(self, vehicle: VehicleId, board: Switchboard, store: KeyStore) -> None:
        self._vehicle, self._board, self._store = vehicle, board, store

    def shown(self) -> str | None:
        """Fingerprint of the key that its newest frame was signed with; "" for none, None before it was heard."""
        path = self._board.paths(self._vehicle).primary
        seal = self._board.seals.get(path.spec.link)
        if seal is None or path.heard is None:
            return None
        if seal.is_bare(path.sysid):
            return NOTHING
        key = seal.key_of(path.sysid)
        return None if key is None else key.fingerprint

    def now(self, utc_ns: int) -> int:
        """What counts as now where it will sign, in ticks of 10 us since 2015."""
        seal = self._board.seals.get(self._board.paths(self._vehicle).primary.spec.link)
        return 0 if seal is None else seal.now(utc_ns)

    def fault(self, fingerprint: str) -> str | None:
        """Why this key ("" takes it away) cannot be handed over now, or None."""
        paths = self._board.paths(self._vehicle)
        carrier = self._board.link(paths.primary.spec.link)
        if carrier is None or not carrier.is_private:
            return (
                f"the key would travel in clear by {paths.primary.spec.link}: connect the vehicle by cable (bearer = "
                '"wire"), or write private = true at a link that nobody else can hear, such as a VPN'
            )
        for path in paths:
            fault = self._link_fault(path.spec.link, fingerprint, is_carrier=path is paths.primary)
            if fault is not None:
                return fault
        return None

    def _link_fault(self, link: str, fingerprint: str, *, is_carrier: bool) -> str | None:
        """The vehicle will sign on every link; by the carrier its signature is awaited."""
        spec = self._board.link(link)
        looks = spec is not None and (spec.keys is not None or spec.policy is not SigningPolicy.ACCEPT)
        if spec is None or not (looks or is_carrier):
            return None
        if fingerprint == NOTHING:
            if spec.policy is SigningPolicy.REQUIRE:
                return f'{link} requires signatures and would not hear it any more: set policy = "accept" there first'
            return None
        if self._store.find(link, fingerprint) is None:
            return f"{link} does not know the key {fingerprint}: name its file in signing of that link"
        return None

    def take_up(self, fingerprint: str) -> SigningKey | None:
        """The secret, which is in force on all links of the vehicle from now on; None where none of them knows it."""
        found: SigningKey | None = None
        for path in self._board.paths(self._vehicle):
            key = self._store.find(path.spec.link, fingerprint)
            if key is not None:
                self._store.take_up(path.spec.link, key)
                found = key
        return found
