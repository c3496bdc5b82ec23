"""Round trips as a time synchronisation would have measured them."""

from fleet.model import LinkReport, LinkState, PathReport
from tests.support.together_bench import TogetherBench
from world.ids import VehicleId


def tell_round_trip(bench: TogetherBench, vehicle: VehicleId, rtt_s: float) -> None:
    path = PathReport(name=vehicle, bearer="radio", state=LinkState.FRESH, is_primary=True, rtt_ms=1000.0 * rtt_s)
    bench.bus.publish("fleet/links", LinkReport(vehicle=vehicle, at=bench.clock.now(), paths=(path,)))
