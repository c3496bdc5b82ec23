"""A stand-in for Gazebo: rigid bodies on a plane, so that flights by force and torque run without any Gazebo."""

from collections.abc import Sequence

import numpy as np

from sim.adapters.gazebo.bodies import SHAPES
from sim.adapters.gazebo.wire import STATE_ROW, Commands, Step
from sim.engine.columns import GRAVITY_M_S2, TICK_NS, TICK_S, Floats
from sim.scenarios.model import VehicleKind
from sim.vehicles.spec import VehicleSpec

UP = np.array([0.0, 0.0, 1.0])


class Body:
    """One vehicle: a rigid box above the plane at height 0; what touches it neither sinks nor bounces."""

    def __init__(self, spec: VehicleSpec) -> None:
        shape = SHAPES[VehicleKind(spec.kind.value)]
        self.mass_kg, self.inertia, self.slides = shape.mass_kg, np.array(shape.inertia), shape.slides
        self.at = np.array([spec.home.east_m, spec.home.north_m, 0.0])
        self.velocity, self.rates = np.zeros(3), np.zeros(3)
        half = np.pi / 4 - np.radians(spec.heading_deg) / 2
        self.attitude = np.array([np.cos(half), 0.0, 0.0, np.sin(half)])
        self.touches = 1

    def axes(self) -> Floats:
        w, x, y, z = self.attitude
        return np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ])

    def move(self, force: Floats, torque: Floats, push: Floats) -> None:
        pull = self.axes() @ force / self.mass_kg + push / self.mass_kg - GRAVITY_M_S2 * UP
        self.velocity = self.velocity + pull * TICK_S
        self.at = self.at + self.velocity * TICK_S
        self.rates = self.rates + torque / self.inertia * TICK_S
        self.touches = int(self.at[2] <= 0.0 and self.velocity[2] <= 0.0)
        if self.touches:
            self.at[2] = self.velocity[2] = 0.0
            self.rates[:2] = 0.0
            if not self.slides:
                self.velocity[:] = 0.0
        w, x, y, z = self.attitude
        p, q, r = self.rates
        turn = np.array([-x * p - y * q - z * r, w * p + y * r - z * q, w * q - x * r + z * p, w * r + x * q - y * p])
        self.attitude = self.attitude + 0.5 * TICK_S * turn
        self.attitude /= np.linalg.norm(self.attitude)


class ToyGazebo:
    """A `Lockstep` without sockets."""

    def __init__(self, specs: Sequence[VehicleSpec], *, tick_ns: int = TICK_NS) -> None:
        self.began_ns: int | None = None
        self._bodies = [Body(spec) for spec in specs]
        self._tick_ns = tick_ns

    def first(self) -> Step:
        return self._step(1)

    def answer(self, step: Step, commands: Commands) -> Step:
        for body, row in zip(self._bodies, commands, strict=True):
            body.move(row["force_n"], row["torque_nm"], row["push_n"])
        return self._step(step.seq + 1)

    def _step(self, seq: int) -> Step:
        rows = np.zeros(len(self._bodies), STATE_ROW)
        for row, body in zip(rows, self._bodies, strict=True):
            row["position_m"], row["velocity_m_s"], row["attitude"] = body.at, body.velocity, body.attitude
            row["rate_rad_s"], row["touches"] = body.rates, body.touches
        return Step(seq=seq, t_ns=seq * self._tick_ns, states=rows)
