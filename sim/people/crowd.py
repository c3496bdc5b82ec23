"""Everybody in the disaster: lost people walk, trapped ones knock and call, swimmers drift; all can come to harm.

Swimmers: current plus 1.1 % of the wind (a person in the water: Allen & Plourde 1999, from memory); who sinks does so
at 0.5 m/s (0.46-0.61, police divers, a weak source) and stays where the bed is met.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.hazards.hazard import NS, Arrays, Conditions, Floats, Hazard
from sim.hazards.waters import Waters
from sim.hazards.winds import Winds
from sim.payloads.surroundings import Tag, Tremor
from sim.people.harm import DEAD, MOUTH_M, OUT, harm_per_s
from sim.people.lost import OURS, distances, pace_m_s
from sim.people.signs import CALL_S, GROUP_S, KNOCK_M_S, SEEK, STOP, knocks_ns, reply
from sim.scenarios.hazards import PersonKind, SubjectSpec
from sim.scenarios.model import Pose
from sim.worlds.chance import generator
from world.position import Enu
from world.terrain import Terrain

LEEWAY: Final = 0.011
SINKS_M_S: Final = 0.5
KNOCK_HEARD_M: Final = 150.0
"""By somebody with an ear to the rock; estimate."""
HARM_NS: Final = 5 * NS
"""How often people feel where they are."""
_ARRIVES_M: Final = 3.0
_WANDERS_RAD, _WANDERS_S = 0.7, 240.0
_DRAWS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """How somebody is now."""

    id: str
    at: Enu
    pose: Pose
    is_awake: bool
    is_alive: bool
    is_under_water: bool


class Crowd(Hazard):
    """at (n, 3) feet; goal (n, 2) of walkers; dose (n,); replies to knocks. `conditions` is asked every 5 s."""

    name = "people"
    pace_ns = NS

    def __init__(
        self, specs: Sequence[SubjectSpec], starts: Floats, terrain: Terrain, winds: Winds, *, seed: int,
        conditions: Callable[[Floats], Conditions], waters: Waters | None = None, danger_mg_m3: float = 29.0,
    ) -> None:
        super().__init__()
        self.specs, self._terrain, self._winds, self._waters = tuple(specs), terrain, winds, waters
        self._conditions, self._danger = conditions, danger_mg_m3
        count = len(specs)
        self._at = starts.astype(float).reshape(count, 3).copy()
        self._goal = self._at[:, :2].copy()
        self._phase = np.zeros(count)
        self._kinds = np.array([list(PersonKind).index(spec.kind) for spec in specs], np.int64)
        self._mouth_m = np.array([MOUTH_M[spec.pose] for spec in specs])
        for n, spec in enumerate(specs):
            chance = generator(seed, "people", spec.id)
            self._phase[n] = float(chance.uniform(0.0, GROUP_S))
            if spec.kind is PersonKind.HIKER:
                self._goal[n] = self._walks_to(spec, chance)
        self._dose, self._under = np.zeros(count), np.zeros(count, np.int64)
        self._reply, self._reply_ns = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self._answered, self._quiet = np.zeros(count, np.int64), np.zeros(count, np.int64)

    def _walks_to(self, spec: SubjectSpec, chance: np.random.Generator) -> Floats:
        """On the terrain: people who would have left it are drawn again, so far tails are cut where the map ends."""
        file = Path(spec.behaviour) if spec.behaviour else OURS
        table, start = distances(spec.category, spec.country, file), np.array(spec.at_m or (0.0, 0.0))
        for _ in range(_DRAWS):
            share, bearing = chance.uniform(1e-3, 1.0 - 1e-3), chance.uniform(0.0, 2.0 * np.pi)
            goal = start + float(table.at(np.array(share))) * np.array([np.sin(bearing), np.cos(bearing)])
            if bool(self._terrain.contains(goal[:1], goal[1:])[0]):
                return np.asarray(goal)
        return start

    # --- what it answers

    @property
    def now_s(self) -> float:
        return self.now_ns / NS

    @property
    def is_awake(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self._dose < OUT)

    def everybody(self) -> tuple[Someone, ...]:
        return tuple(self._someone(n) for n in range(len(self.specs)))

    def _someone(self, n: int) -> Someone:
        east, north, up = self._at[n].tolist()
        is_down = not self.is_awake[n] or bool(self._under[n])
        pose = Pose.LYING if is_down else Pose(self.specs[n].pose)
        walks = self.specs[n].kind is PersonKind.HIKER and np.hypot(*(self._goal[n] - self._at[n, :2])) > _ARRIVES_M
        return Someone(
            id=self.specs[n].id, at=Enu(east_m=east, north_m=north, up_m=up),
            pose=Pose.STANDING if walks and not is_down else pose, is_awake=bool(self.is_awake[n]),
            is_alive=bool(self._dose[n] < DEAD), is_under_water=bool(self._under[n]),
        )

    def tags(self) -> tuple[Tag, ...]:
        """Ultra-wideband tags that are not under water."""
        return tuple(
            Tag(id=spec.tag, at=self._someone(n).at)
            for n, spec in enumerate(self.specs) if spec.tag and not self._under[n]
        )

    def phones(self) -> tuple[tuple[str, Enu], ...]:
        """Who carries one that is not under water, and where."""
        return tuple(
            (spec.id, self._someone(n).at) for n, spec in enumerate(self.specs) if spec.has_phone and not self._under[n]
        )

    def tremors(self, since_ns: int, until_ns: int, start_utc_ns: int) -> tuple[Tremor, ...]:
        """Knocks in (since, until] of simulated time, by those who are awake now."""
        found = []
        for n, spec in enumerate(self.specs):
            if spec.kind is PersonKind.TRAPPED and spec.knocks and self.is_awake[n]:
                times = [when for when in self._knocks(n, since_ns, until_ns) if since_ns < when <= until_ns]
                utc = ((start_utc_ns + when) // 1000 for when in times)
                found += [Tremor(at=self._someone(n).at, utc_us=us, peak_velocity_m_s=KNOCK_M_S) for us in utc]
        return tuple(sorted(found, key=lambda knock: (knock.utc_us, knock.at.east_m, knock.at.north_m)))

    def _knocks(self, n: int, since_ns: int, until_ns: int) -> list[int]:
        answers = knocks_ns(0, int(self._reply_ns[n]), 0, int(self._reply[n]))
        if self._answered[n] or self._quiet[n]:
            return answers
        phase, each = round(self._phase[n] * NS), round(GROUP_S * NS)
        first, last = max((since_ns - phase) // each, 0), (until_ns - phase) // each
        return answers + [when for group in range(first, last + 1) for when in knocks_ns(group, phase, 0, SEEK)]

    def calls(self, since_ns: int, until_ns: int) -> tuple[tuple[str, Enu], ...]:
        """Who has called out in (since, until]; who is awake and free of water does so every minute."""
        each, found = round(CALL_S * NS), []
        for n, spec in enumerate(self.specs):
            phase = round(self._phase[n] * NS)
            has_called = (until_ns - phase) // each > (since_ns - phase) // each
            if spec.calls and has_called and self.is_awake[n] and not self._under[n] and not self._quiet[n]:
                found.append((spec.id, self._someone(n).at))
        return tuple(found)

    # --- what acts on it

    def hear_knocks(self, count: int, at: Enu) -> None:
        """Rescuers knock: whoever is near enough and awake answers after three seconds by the code."""
        place = np.array([at.east_m, at.north_m, at.up_m])
        away = np.sqrt(((self._at - place) ** 2).sum(1))
        for n, spec in enumerate(self.specs):
            if spec.kind is not PersonKind.TRAPPED or away[n] > KNOCK_HEARD_M or not self.is_awake[n]:
                continue
            near = np.sqrt(((self._at - self._at[n]) ** 2).sum(1)) < 5.0
            self._reply[n] = reply(count, int((near & self.is_awake).sum()), bool(self._answered[n]))
            self._reply_ns[n] = self.now_ns + 3 * NS
            self._answered[n], self._quiet[n] = 1, int(count == STOP)

    def move(self, person: str, at: Enu) -> None:
        """Somebody is carried, freed or set down."""
        n = next(k for k, spec in enumerate(self.specs) if spec.id == person)
        self._at[n] = (at.east_m, at.north_m, at.up_m)
        self._goal[n] = self._at[n, :2]

    # --- how it goes on

    def advance(self) -> None:
        if not len(self.specs):
            return
        self._walk()
        self._drift()
        if self.now_ns % HARM_NS == 0:
            self._come_to_harm()

    def _come_to_harm(self) -> None:
        felt = self._conditions(self._at)
        mouth = self._at[:, 2] + np.where(self.is_awake, self._mouth_m, MOUTH_M["lying"])
        self._under = (np.nan_to_num(felt.water_up_m, nan=-np.inf) > mouth).astype(np.int64)
        harm = harm_per_s(felt, mouth, self._danger) * HARM_NS / NS
        harm[felt.is_blocked & self._is(PersonKind.TRAPPED)] = DEAD  # where one sat there is rubble now
        self._dose = np.minimum(self._dose + harm, DEAD)

    def _is(self, kind: PersonKind) -> npt.NDArray[np.bool_]:
        return np.asarray(self._kinds == list(PersonKind).index(kind))

    def _walk(self) -> None:
        hikers = np.flatnonzero(self._is(PersonKind.HIKER) & self.is_awake)
        for n in hikers.tolist():
            way = self._goal[n] - self._at[n, :2]
            left = float(np.hypot(*way))
            if left <= _ARRIVES_M:
                continue
            turn = _WANDERS_RAD * np.sin(2.0 * np.pi * (self.now_s / _WANDERS_S + self._phase[n]))
            turn *= min(left / 50.0, 1.0)
            east, north = way / left
            cosine, sine = np.cos(turn), np.sin(turn)
            self._step(n, np.array([east * cosine - north * sine, east * sine + north * cosine]))

    def _step(self, n: int, unit: Floats) -> None:
        """A second's walk; nobody walks off the map or into water."""
        up = self._at[n, 2]
        ahead = self._on_map(self._at[n, :2] + unit)
        slope = self._terrain.height_m(*ahead.tolist()) - up
        goal = self._on_map(self._at[n, :2] + unit * pace_m_s(slope))
        if self._waters is not None and bool(self._waters.in_water(goal[None])[0]):
            self._goal[n] = self._at[n, :2]
            return
        self._at[n] = (*goal, self._terrain.height_m(*goal.tolist()))

    def _on_map(self, at: Floats) -> Floats:
        t = self._terrain
        return np.array([min(max(at[0], t.west_m), t.east_m), min(max(at[1], t.south_m), t.north_m)])

    def _drift(self) -> None:
        swimmers = np.flatnonzero(self._is(PersonKind.SWIMMER))
        if self._waters is None or not len(swimmers):
            return
        at, seconds = self._at[swimmers], self.pace_ns / NS
        sinks = np.array([self.specs[n].sinks_s <= self.now_s for n in swimmers]) | ~self.is_awake[swimmers]
        bed = self._waters.surface_up_m(at) - self._waters.depth_m(at)
        rests = sinks & (at[:, 2] <= bed + 1e-6)
        going = at + self._waters.current_m_s(at) * seconds
        going[:, :2] += np.where(sinks[:, None], 0.0, LEEWAY * self._winds.at(self.now_s) * seconds)
        stays = ~self._waters.in_water(going) | rests
        going[stays] = at[stays]
        surface, depth = self._waters.surface_up_m(going), self._waters.depth_m(going)
        down = np.maximum(at[:, 2] - SINKS_M_S * seconds, surface - depth)
        up = np.where(sinks, np.where(rests, at[:, 2], down), surface)
        wet = self._waters.in_water(at)
        self._at[swimmers[wet]] = np.column_stack([going[:, :2], up])[wet]

    def feel(self, points: Floats, into: Conditions) -> None:
        """People change nothing for others."""

    _KEPT: Final = ("at", "goal", "phase", "dose", "under", "reply", "reply_ns", "answered", "quiet")

    def arrays(self) -> Arrays:
        return {name: getattr(self, f"_{name}").copy() for name in self._KEPT}

    def restore(self, arrays: Mapping[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]) -> None:
        for name in self._KEPT:
            setattr(self, f"_{name}", arrays[name].copy())
