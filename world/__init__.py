"""What is true everywhere: time, ids, positions, frames, terrain, shapes and motion physics. No I/O, no clock."""
