"""Attitude of every kind from its columns: copters lean where they push, wings bank, robots lie on their slope."""

import numpy as np

from sim.engine.columns import Columns, Floats, Rows


def roll_pitch(c: Columns, copters: Rows, drivers: Rows, wings: Rows) -> tuple[Floats, Floats]:
    """Roll and pitch in radians (FRD), for all rows; boats and underwater robots are level."""
    roll, pitch = np.zeros(len(c.yaw)), np.zeros(len(c.yaw))
    if len(copters):
        thrust = c.thrust[copters]
        is_pushing = thrust[:, 2] > 1.0
        up = np.where(is_pushing, thrust[:, 2], 1.0)
        ahead, right = _body(c, copters, np.where(is_pushing[:, None], thrust[:, :2], 0.0))
        pitch[copters] = np.arctan2(-ahead, up)
        roll[copters] = np.arctan2(right, np.hypot(ahead, up))
    if len(drivers):
        ahead, right = _body(c, drivers, c.slope[drivers])
        pitch[drivers] = np.arctan(ahead)
        roll[drivers] = -np.arctan(right)
    if len(wings):
        roll[wings] = c.bank[wings]
        through = c.vel[wings] - c.wind[wings]
        flat = np.hypot(through[:, 0], through[:, 1])
        is_flying = (c.on_ground[wings] == 0) & (c.rotors[wings] != 2)
        pitch[wings] = np.where(is_flying, np.arctan2(through[:, 2], flat), 0.0)
    return roll, pitch


def quaternions(roll: Floats, pitch: Floats, yaw: Floats) -> Floats:
    """(n, 4) w x y z, body FRD to NED; as world.attitude.Quaternion.from_euler."""
    cr, sr = np.cos(roll / 2), np.sin(roll / 2)
    cp, sp = np.cos(pitch / 2), np.sin(pitch / 2)
    cy, sy = np.cos(yaw / 2), np.sin(yaw / 2)
    return np.stack([
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    ], axis=1)


def _body(c: Columns, rows: Rows, plane: Floats) -> tuple[Floats, Floats]:
    """East-north vectors as forward and right parts."""
    sin, cos = np.sin(c.yaw[rows]), np.cos(c.yaw[rows])
    return plane[:, 0] * sin + plane[:, 1] * cos, plane[:, 0] * cos - plane[:, 1] * sin
