"""Why no plan could be made, one class per situation, each with a sentence for the operator."""

from world.ids import VehicleId


class PlanningError(ValueError):
    """No plan: the message says what stands in the way and is shown to the operator."""


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


class SeparationTooSmall(PlanningError):
    """No start delays keep all vehicles far enough apart."""

    def __init__(self, pair: tuple[VehicleId, VehicleId], distance_m: float, wanted_m: float) -> None:
        super().__init__(
            f"{pair[0]} and {pair[1]} would come within {distance_m:.1f} m of each other, {wanted_m:.1f} m wanted"
        )
        self.pair = pair
        self.distance_m = distance_m


class ReturnsTooHigh(PlanningError):
    """So many ways home cross that no heights are left for them."""

    def __init__(self, vehicle: VehicleId, height_m: float, highest_m: float) -> None:
        super().__init__(
            f"{vehicle} would have to come home {height_m:.0f} m above its pad to stay apart from the others,"
            f" {highest_m:.0f} m is the most: launch from several sites, or fewer vehicles"
        )
