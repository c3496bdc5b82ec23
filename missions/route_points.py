"""What route points mean to a mission: where the search ends, where images are taken, where to take it up again."""

from fleet.commands import Route


def search_end(route: Route) -> int:
    """Index of the point where the last photographed strip ends; -1 when there is none."""
    ends = [k for k, point in enumerate(route.points) if point.trigger_distance_m == 0]
    return ends[-1] if ends else -1


def last_wanted(route: Route) -> int:
    """The last point a task is for: where the search ends, or where a patrol without images ends."""
    end = search_end(route)
    return len(route.points) - 1 if end < 0 else end


def triggers_in_force(route: Route) -> list[float]:
    """Per point the trigger distance from there on, 0 while no images are taken."""
    found: list[float] = []
    for point in route.points:
        before = found[-1] if found else 0.0
        found.append(before if point.trigger_distance_m is None else point.trigger_distance_m)
    return found


def resume_index(route: Route, following: int) -> int:
    """Where to take up a route left on the way to point `following`: a strip is flown again from the point before."""
    in_force = triggers_in_force(route)[:following]
    return max(0, following - 1) if in_force and in_force[-1] else following
