"""Why no plan could be made, one class per situation, each with a sentence for the operator in both languages."""

from world.ids import VehicleId


class PlanningError(ValueError):
    """No plan: the message says what stands in the way and is shown to the operator; `text_zh` says it in Chinese."""

    def __init__(self, text: str, text_zh: str) -> None:
        super().__init__(text)
        self.text_zh = text_zh


class AreaInvalid(PlanningError):
    """The drawn area is no polygon with an inside."""


class NoSearchers(PlanningError):
    """No offered vehicle carries a camera that can search."""


class CannotCover(PlanningError):
    """Even the densest strips leave cells without enough looks."""


class TerrainMissing(PlanningError):
    """The plan would fly beyond the terrain model, where heights are unknown."""


class EnduranceExceeded(PlanningError):
    """A vehicle's part lasts longer than its energy."""


class UnknownPatroller(PlanningError):
    """A patrol names a vehicle that is not offered, or a copter, which searches."""


class PatrolEmpty(PlanningError):
    """A patrol has no points, or none away from home."""


class SeparationTooSmall(PlanningError):
    """No start delays keep all vehicles far enough apart."""

    def __init__(self, pair: tuple[VehicleId, VehicleId], distance_m: float, wanted_m: float) -> None:
        super().__init__(
            f"{pair[0]} and {pair[1]} would come within {distance_m:.1f} m of each other, {wanted_m:.1f} m wanted",
            f"{pair[0]} 与 {pair[1]} 最近将相距 {distance_m:.1f} 米，要求 {wanted_m:.1f} 米",
        )
        self.pair = pair
        self.distance_m = distance_m


class ReturnsTooHigh(PlanningError):
    """So many ways home cross that no heights are left for them."""

    def __init__(self, vehicle: VehicleId, height_m: float, highest_m: float) -> None:
        super().__init__(
            f"{vehicle} would have to come home {height_m:.0f} m above its pad to stay apart from the others,"
            f" {highest_m:.0f} m is the most: launch from several sites, or fewer vehicles",
            f"{vehicle} 须在起降点上方 {height_m:.0f} 米返航才能与其他设备错开，上限为 {highest_m:.0f} 米："
            "请分多个起降点放飞，或减少设备",
        )
