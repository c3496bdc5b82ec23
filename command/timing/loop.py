"""asyncio on simulated time: sleep, timeout and call_later follow the barrier, in third-party code too."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

from command.timing.barrier import Barrier
from command.timing.channel import TICK_S

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
_REFUSAL = "sockets are read by the barrier: register them through Links.attach"


class SimLoop(asyncio.SelectorEventLoop):
    """Threads and sockets of its own are refused: they would let wall time in. An unhandled error ends the run."""

    def __init__(self, barrier: Barrier) -> None:
        self._barrier = barrier
        super().__init__(barrier)
        barrier.call_soon = self.call_soon
        self._clock_resolution = 1e-6
        self.set_exception_handler(self._fail)

    def time(self) -> float:
        return self._barrier.now * TICK_S

    def _fail(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._barrier.failure = context.get("exception") or RuntimeError(context["message"])

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Ts], _T], *args: *_Ts
    ) -> asyncio.Future[_T]:
        raise RuntimeError("threads have no place in simulated time")

    def add_reader(self, fd: Any, callback: Callable[[*_Ts], Any], *args: *_Ts) -> None:
        raise RuntimeError(_REFUSAL)

    def add_writer(self, fd: Any, callback: Callable[[*_Ts], Any], *args: *_Ts) -> None:
        raise RuntimeError(_REFUSAL)

    async def _refuse_socket(self, *_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError(_REFUSAL)

    create_datagram_endpoint = create_connection = create_server = _refuse_socket
    create_unix_connection = create_unix_server = _refuse_socket
