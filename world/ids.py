"""Names of things that travel between services. Each is a plain string at run time."""

from typing import NewType

VehicleId = NewType("VehicleId", str)
"""Call sign, such as U01 (copter), G01 (ground robot), W01 (underwater robot)."""
IncidentId = NewType("IncidentId", str)
MissionId = NewType("MissionId", str)
IntentId = NewType("IntentId", str)
PlanId = NewType("PlanId", str)
TaskId = NewType("TaskId", str)
CommandId = NewType("CommandId", str)
ContactId = NewType("ContactId", str)
StreamId = NewType("StreamId", str)
"""Camera stream, `<vehicle>/rgb` or `<vehicle>/thermal`."""
OperatorId = NewType("OperatorId", str)
Digest = NewType("Digest", str)
"""SHA-256, 64 lower-case hex digits."""
