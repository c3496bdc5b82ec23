"""What a screen shows, folded from topics. No I/O and no clock: live and replay use the same code."""

from command.views.picture import Picture

__all__ = ["Picture"]
