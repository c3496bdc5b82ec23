"""The one topic table: every service's traffic, in process, between processes and over ROS 2, is a row here."""

from typing import Any

from fleet.commands import Ack, Command, Lease
from fleet.group import GroupAcks, GroupOrder, StopNote
from fleet.inquiries import Answer, Inquiry
from fleet.leases import LeaseEvent, LeaseRequest
from fleet.model import (
    Alarm,
    CameraLens,
    FleetState,
    ImageCaptured,
    ImageDetections,
    LinkReport,
    PayloadReport,
    VehicleProfile,
)
from fleet.shares import ShareEvent, ShareRequest
from missions.model import Approval, Find, MissionProgress, Order, Plan, SearchIntent
from perception.model import Contact, GroundDetection, Look, MissedLook, PerceptionStats
from world.bus import Quality, Topic

_ROWS: tuple[Topic[Any], ...] = (
    Topic(name="fleet/state", type=FleetState, quality=Quality.STATE, is_logged=False, stale_after_s=2.0),
    Topic(name="fleet/image", type=ImageCaptured, quality=Quality.EVENT, is_logged=False),
    Topic(name="fleet/detections", type=ImageDetections, quality=Quality.EVENT, is_logged=False),
    Topic(name="fleet/lens", type=CameraLens, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/command", type=Command, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/ack", type=Ack, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/group_order", type=GroupOrder, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/group_acks", type=GroupAcks, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/stop", type=StopNote, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/lease", type=Lease, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/lease_request", type=LeaseRequest, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/lease_event", type=LeaseEvent, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/share_request", type=ShareRequest, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/share_event", type=ShareEvent, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/profile", type=VehicleProfile, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/payload", type=PayloadReport, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/links", type=LinkReport, quality=Quality.STATE, is_logged=False, stale_after_s=5.0),
    Topic(name="fleet/inquiry", type=Inquiry, quality=Quality.EVENT, is_logged=True),
    Topic(name="fleet/answer", type=Answer, quality=Quality.EVENT, is_logged=False),
    Topic(name="alarm", type=Alarm, quality=Quality.EVENT, is_logged=True),
    Topic(name="perception/look", type=Look, quality=Quality.EVENT, is_logged=True),
    Topic(name="perception/missed", type=MissedLook, quality=Quality.EVENT, is_logged=True),
    Topic(name="perception/detection", type=GroundDetection, quality=Quality.EVENT, is_logged=True),
    Topic(name="perception/contact", type=Contact, quality=Quality.EVENT, is_logged=True),
    Topic(name="perception/stats", type=PerceptionStats, quality=Quality.STATE, is_logged=False, stale_after_s=5.0),
    Topic(name="mission/intent", type=SearchIntent, quality=Quality.EVENT, is_logged=True),
    Topic(name="mission/plan", type=Plan, quality=Quality.EVENT, is_logged=True),
    Topic(name="mission/approval", type=Approval, quality=Quality.EVENT, is_logged=True),
    Topic(name="mission/order", type=Order, quality=Quality.EVENT, is_logged=True),
    Topic(name="mission/progress", type=MissionProgress, quality=Quality.STATE, is_logged=False, stale_after_s=3.0),
    Topic(name="mission/find", type=Find, quality=Quality.EVENT, is_logged=True),
)

TOPICS: dict[str, Topic[Any]] = {row.name: row for row in _ROWS}
