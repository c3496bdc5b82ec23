"""Names that services of ours sign their commands with; no person may have them."""

from world.ids import OperatorId

MISSION_EXECUTOR = OperatorId("missions")
"""Commands of approved plans come from the mission service; the guard checks their digest."""
