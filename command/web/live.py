"""The live source: the hub's stream folded into the picture, and orders on their way back to the hub."""

from typing import Any

from command.survey import Survey
from command.views import Picture
from command.views.columns import Snapshot
from command.web.config import LiveConfig
from command.web.hub_client import HubClient
from command.web.orders import ApprovalRequest, OrderRequest, Refused, ReplayRequest, Request, to_approval, to_order
from world.ids import VehicleId
from world.time import Clock, Instant


class LiveSource:
    """What the hub says now. The incident's time is the stream's own; this process's clock only measures silence."""

    is_replay = False

    def __init__(self, config: LiveConfig, *, survey: Survey | None, clock: Clock) -> None:
        self._config = config
        self._survey = survey
        self._clock = clock
        self._epoch = 0
        self._picture = _empty(survey)
        self._lost_since: Instant | None = clock.now()
        self._taken: set[str] = set()
        self.hub = HubClient(
            path=config.hub_path,
            clock=clock,
            on_connect=self._begin,
            on_value=self._apply,
            on_lost=self._lose,
        )

    async def run(self) -> None:
        await self.hub.run()

    @property
    def vehicle_ids(self) -> tuple[VehicleId, ...]:
        return self._picture.vehicle_ids

    def scene(self) -> Snapshot:
        return {**self._picture.scene.snapshot(), "version": self._version()}

    def snapshot(self) -> Snapshot:
        silent_s = 0.0 if self._lost_since is None else self._lost_since.age_s(self._clock.now())
        return {
            **self._picture.snapshot(silent_s),
            "scene_version": self._version(),
            "hub": {"is_connected": self.hub.is_connected, "lost_s": silent_s},
            "replay": None,
        }

    def health(self) -> Snapshot:
        is_connected = self.hub.is_connected
        return {"is_well": is_connected, "hub_connected": is_connected, "bad_frames": self.hub.bad_frames}

    def act(self, request: Request) -> None:
        """Raises Refused, PlanChanged and HubOffline."""
        match request:
            case OrderRequest():
                self._order(request)
            case ApprovalRequest():
                self._approve(request)
            case ReplayRequest():
                raise Refused("This is a live incident; it has no playhead.")

    def _order(self, request: OrderRequest) -> None:
        """Hand an order to the hub once, however often the page repeats it."""
        if request.id in self._taken:
            return
        order = to_order(request, by=self._config.operator, at=self._picture.now, known=self.vehicle_ids)
        self._send("mission/order", order)
        self._taken.add(order.id)

    def _approve(self, request: ApprovalRequest) -> None:
        plan = self._picture.scene.plan
        approval = to_approval(request, plan, by=self._config.operator, at=self._picture.now)
        self._send("mission/approval", approval)

    def _send(self, topic: str, value: Any) -> None:
        """The hub does not echo what we publish, so the picture learns it here."""
        self.hub.publish(topic, value)
        self._picture.apply(topic, value)

    def _version(self) -> str:
        return f"{self._epoch}.{self._picture.scene.version}"

    def _begin(self) -> None:
        self._epoch += 1
        self._picture = _empty(self._survey)
        self._lost_since = None

    def _apply(self, topic: str, value: Any) -> None:
        self._picture.apply(topic, value)

    def _lose(self) -> None:
        self._lost_since = self._clock.now()


def _empty(survey: Survey | None) -> Picture:
    return Picture() if survey is None else Picture(survey.frame, survey.terrain)
