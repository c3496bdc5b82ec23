"""What a command would do: the guard's word and the first messages to the vehicle, with nothing sent."""

from dataclasses import replace
from typing import Any

import msgspec

from command.site.names import MISSION_EXECUTOR
from command.up.frames import Rehearsal
from command.up.people import APPROVED_BY_GIVING, digest_of
from fleet.commands import Command, Verb
from fleet.drivers.mavlink.keys import Keys, Secret
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.step import Run, Talk
from fleet.guard import Guard
from fleet.model import VehicleState
from fleet.service import FleetService
from fleet.wire.enums import Command as MavCommand
from fleet.wire.signing_keys import KEY_LENGTH, SigningKey
from world.time import Instant


def rehearse(service: FleetService, guard: Guard, command: Command, now: Instant) -> Rehearsal:
    """As if the command were given now by who names it."""
    try:
        session = service.session(command.vehicle)
    except KeyError:
        return Rehearsal(command=command.id, fault=f"{command.vehicle} is not in the roster", messages=[])
    state = session.state(now)
    known = Known(state=state)
    make = session.driver.programmes.get(command.verb)
    if make is None:
        unknown = f"{command.vehicle}: this kind of vehicle knows no {command.verb}"
        return Rehearsal(command=command.id, fault=unknown, messages=[])
    talk = Talk(
        sysid=session.entry.sysid, known=lambda: known, on_mission=lambda mission: None,
        keys=_Unchanged(service.keys_of(command.vehicle)),
    )
    run = Run(make(talk, command))
    sent = run.begin(known, now)
    fault = _judged(guard, command, state, now) or (run.reason or None)
    return Rehearsal(command=command.id, fault=fault, messages=[_plain(out.name, dict(out.fields)) for out in sent])


class _Unchanged:
    """A vehicle's keys, to look at: what would be handed over is not even read."""

    def __init__(self, keys: Keys) -> None:
        self.shown, self.now, self.fault = keys.shown, keys.now, keys.fault

    def take_up(self, fingerprint: str) -> SigningKey | None:
        return SigningKey(b"?" * KEY_LENGTH)


def _judged(guard: Guard, command: Command, state: VehicleState, now: Instant) -> str | None:
    """A free vehicle would be taken, and a command by hand approved, by giving it."""
    if command.verb is Verb.KILL:
        return None  # to judge a kill is to count it: it is judged when it is given
    if state.lease_holder is None:
        command = replace(command, issued_by=MISSION_EXECUTOR)
    if command.verb in APPROVED_BY_GIVING:
        digest = digest_of(command)
        guard.approve(digest)  # nobody outside can use it: the door takes no digests
        command = replace(command, plan_digest=digest)
    return guard.judge(command, state, now)


def _plain(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    shown = {key: "hidden" if isinstance(value, Secret) else value for key, value in fields.items()}
    plain = {"message": name, **{key: msgspec.to_builtins(value) for key, value in shown.items()}}
    if fields.get("command") in _COMMANDS:
        plain["command_name"] = MavCommand(fields["command"]).name
    return plain


_COMMANDS = frozenset(int(one) for one in MavCommand)
