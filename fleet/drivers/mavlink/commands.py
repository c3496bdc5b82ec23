"""The command protocol: COMMAND_LONG with repeats, progress, refusals; modes and arming verified by report."""

from collections.abc import Callable

from fleet.commands import AckResult
from fleet.drivers.mavlink.fold import readiness
from fleet.drivers.mavlink.known import Known
from fleet.drivers.mavlink.pace import Pace
from fleet.drivers.mavlink.step import Outgoing, Step, StepFailed, Talk
from fleet.drivers.mavlink.texts import reason_of
from fleet.wire.enums import FORCE_DISARM_MAGIC, MavFrame, MavResult, ModeFlag
from fleet.wire.enums import Command as MavCommand
from fleet.wire.message import Message
from fleet.wire.px4_modes import px4_main_and_sub
from world.time import Instant

GROUND_STATION = 255
REPEAT_S = 1.0
# With a third lost either way one in two gets through: fewer would give up on a link that still carries.
REPEATS = 14
PROGRESS_LASTS_S = 5.0
# After a refusal the reason may still be on its way as a text (measured on ArduPilot 4.5.7).
REASON_WAIT_S = 1.5
ARM_TRIES = 4
# "Rejected for now" is passing on ArduPilot; PX4 says so of every refusal.
PUT_OFFS = 3
_HEARTBEAT_ID = 0
_NO_PARAMS = {f"param{k}": 0.0 for k in range(1, 8)}


def command_long(
    talk: Talk, command: MavCommand, *params: float, confirmation: int = 0, component: int | None = None
) -> Outgoing:
    """COMMAND_LONG with the params given and zeros for the rest."""
    fields: dict[str, float] = {**_NO_PARAMS, **talk.target, "command": int(command), "confirmation": confirmation}
    for name, value in zip(_NO_PARAMS, params, strict=False):
        fields[name] = float(value)
    if component is not None:
        fields["target_component"] = component
    return Outgoing(name="COMMAND_LONG", fields=fields)


def is_for_us(message: Message) -> bool:
    """Acks of old senders name no target (0)."""
    return message.target_system in (0, GROUND_STATION)


def result_name(result: int) -> str:
    return MavResult(result).name.lower().replace("_", " ") if result in set(MavResult) else f"result {result}"


class SendCommand(Step[None]):
    """One COMMAND_LONG, repeated until acknowledged; a refusal fails with the vehicle's own words if it says any."""

    def __init__(self, talk: Talk, command: MavCommand, *params: float, component: int | None = None) -> None:
        super().__init__()
        self._talk, self._command, self._params, self._component = talk, command, params, component
        self._pace = Pace(every_s=REPEAT_S, times=REPEATS)
        self._progress: Instant | None = None
        self._begun_ns: int | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self._begun_ns = now.mono_ns if self._begun_ns is None else self._begun_ns
        if self._progress is not None and self._progress.age_s(now) < PROGRESS_LASTS_S:
            return []
        if self._pace.is_spent(now):
            raise StepFailed(f"{self._command.name} was not acknowledged {REPEATS} times", AckResult.TIMED_OUT)
        if not self._pace.is_due(now):
            return []
        return [self.outgoing(self._pace.count - 1)]

    def outgoing(self, confirmation: int) -> Outgoing:
        """The command as it is sent, `confirmation` repeats later."""
        return command_long(
            self._talk, self._command, *self._params, confirmation=confirmation, component=self._component
        )

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if message.SPEC.name != "COMMAND_ACK" or message.command != self._command or not is_for_us(message):
            return []
        if message.result == MavResult.IN_PROGRESS:
            self._progress = now
            self._pace.put_off(now)
        elif message.result == MavResult.ACCEPTED:
            self.end()
        else:
            self.refused(message.result, known, now)
        return []

    def refused(self, result: int, known: Known, now: Instant) -> None:
        """What to do about a refusal; here: fail."""
        texts = "; ".join(text.text for text in known.texts.since(self._begun_ns or now.mono_ns))
        raise StepFailed(f"{self._command.name} {result_name(result)}" + (f": {texts}" if texts else ""))


class SendCommandInt(SendCommand):
    """One COMMAND_INT, for commands whose place must be exact: degrees times 1e7 in x and y."""

    def __init__(
        self, talk: Talk, command: MavCommand, *params: float, frame: MavFrame, x: int, y: int, z: float
    ) -> None:
        super().__init__(talk, command, *params)
        self._place = {"frame": int(frame), "x": x, "y": y, "z": z}

    def outgoing(self, confirmation: int) -> Outgoing:
        values = (*self._params, *(0.0,) * (4 - len(self._params)))
        numbered = {f"param{k}": float(value) for k, value in enumerate(values, 1)}
        rest = {"command": int(self._command), "current": 0, "autocontinue": 0}
        return Outgoing(name="COMMAND_INT", fields=numbered | self._talk.target | self._place | rest)


class Reported(SendCommand):
    """A command that has taken effect when the vehicle reports so, whatever its acks say; repeated until then."""

    def __init__(
        self, talk: Talk, command: MavCommand, *params: float, has_effect: Callable[[Known], bool], every_s: float = 1.0
    ) -> None:
        super().__init__(talk, command, *params)
        self._has_effect = has_effect
        self._pace = Pace(every_s=every_s)
        self._put_off = 0
        self._is_accepted = self._has_shown = False

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        """The next heartbeat may be a second away: it is asked for in the same breath."""
        sent = super().poll(known, now)
        return [*sent, self._show()] if sent else sent

    def _show(self) -> Outgoing:
        return command_long(self._talk, MavCommand.REQUEST_MESSAGE, float(_HEARTBEAT_ID))

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        is_newer = self._begun_ns is not None and now.mono_ns > self._begun_ns
        if message.SPEC.name == "HEARTBEAT" and is_newer and self._has_effect(known):
            self.end()
        elif message.SPEC.name == "COMMAND_ACK" and is_for_us(message):
            if message.command == self._command:
                return self._acknowledged(message.result, known, now)
            self._has_shown |= message.command == MavCommand.REQUEST_MESSAGE
            return self._shown_again()
        return []

    def _acknowledged(self, result: int, known: Known, now: Instant) -> list[Outgoing]:
        if result == MavResult.ACCEPTED:
            self._is_accepted = True
            return self._shown_again()
        if result == MavResult.TEMPORARILY_REJECTED:
            self._put_off += 1
        is_put_off = result == MavResult.TEMPORARILY_REJECTED and self._put_off < PUT_OFFS
        if result != MavResult.IN_PROGRESS and not is_put_off:
            self.refused(result, known, now)
        return []

    def _shown_again(self) -> list[Outgoing]:
        """What was shown at once did not show the effect: it came before it (PX4 changes modes in its own time)."""
        if not (self._is_accepted and self._has_shown):
            return []
        self._is_accepted = self._has_shown = False
        return [self._show()]


def mode_params(mode: int) -> tuple[float, float]:
    """Param 2 and 3 of DO_SET_MODE: ArduPilot's number, or PX4's main and sub mode, which begin at 65536."""
    main, sub = px4_main_and_sub(mode)
    return (float(main), float(sub)) if main else (float(mode), 0.0)


class SetMode(Reported):
    """A mode by its HEARTBEAT.custom_mode, verified by a heartbeat that came after the order."""

    def __init__(self, talk: Talk, mode: int, *, every_s: float = 1.0) -> None:
        super().__init__(
            talk,
            MavCommand.DO_SET_MODE,
            ModeFlag.CUSTOM_MODE_ENABLED,
            *mode_params(mode),
            has_effect=lambda known: known.state.raw_mode == mode,
            every_s=every_s,
        )


class Arm(Reported):
    """Arms; verified by heartbeat. A ready vehicle is asked again; 1 in 10 refuse once for a passing reason or none."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(
            talk, MavCommand.COMPONENT_ARM_DISARM, 1.0, has_effect=lambda known: known.state.is_armed is True
        )
        self._refusals = 0
        self._refused: Instant | None = None

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        if self._refused is not None:
            reasons = self._reasons(known)
            is_final = self._refusals >= ARM_TRIES or not readiness(known, now).is_ready
            if reasons and is_final:
                raise StepFailed("not armed: " + "; ".join(reasons))
            if self._refused.age_s(now) < REASON_WAIT_S:
                return []
            if self._refusals >= ARM_TRIES:
                raise StepFailed(f"arming was refused {self._refusals} times without a reason")
            self._refused = None
        return super().poll(known, now)

    def refused(self, result: int, known: Known, now: Instant) -> None:
        if self._refused is None:
            self._refusals += 1
            self._refused = now

    def _reasons(self, known: Known) -> tuple[str, ...]:
        """What the vehicle has said against arming since it was asked first, each once."""
        texts = (reason_of(text.text) for text in known.texts.since(self._begun_ns or 0))
        return tuple(dict.fromkeys(reason for reason in texts if reason is not None))


class Disarm(Reported):
    """Disarms; verified by heartbeat. `is_forced` stops the motors in the air."""

    def __init__(self, talk: Talk, *, is_forced: bool = False) -> None:
        super().__init__(
            talk,
            MavCommand.COMPONENT_ARM_DISARM,
            0.0,
            float(FORCE_DISARM_MAGIC) if is_forced else 0.0,
            has_effect=lambda known: known.state.is_armed is False,
            every_s=0.5,
        )


class Until(Step[None]):
    """Waits for the vehicle to show something; sends `again` every second meanwhile, for `within_s`."""

    def __init__(
        self,
        shows: Callable[[Known], bool],
        *,
        within_s: float,
        otherwise: str,
        again: Callable[[], list[Outgoing]] | None = None,
    ) -> None:
        super().__init__()
        self._shows, self._within_s, self._otherwise, self._again = shows, within_s, otherwise, again
        self._begun: Instant | None = None
        self._pace = Pace(every_s=REPEAT_S)

    def poll(self, known: Known, now: Instant) -> list[Outgoing]:
        self._begun = self._begun or now
        if self._begun.age_s(now) > self._within_s:
            raise StepFailed(self._otherwise, AckResult.TIMED_OUT)
        return self._again() if self._again is not None and self._pace.is_due(now) else []

    def hear(self, message: Message, known: Known, now: Instant) -> list[Outgoing]:
        if self._shows(known):
            self.end()
        return []
