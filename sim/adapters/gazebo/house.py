"""The folder with Gazebo 11 in it: finds it, builds our plugin inside it, and runs gzserver from it."""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SCRIPT: Final = "scripts/gazebo_root.sh"
_REPOSITORY: Final = Path(__file__).resolve().parents[3]
_SOURCES: Final = Path(__file__).parent / "plugin"
_INSIDE: Final = (
    'root=$1 work=$2; shift 2; mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" && '
    'mount --bind "$work" "$root/mnt" && mount --bind "$work/tmp" "$root/tmp" && exec chroot "$root" "$@"'
)
_BUILD_S: Final = 600.0
_END_S: Final = 10.0


class GazeboMissing(FileNotFoundError):
    """There is no folder with Gazebo on this machine, or it is not what this release describes."""


class PluginUnbuilt(RuntimeError):
    """The plugin did not compile; says the compiler's first error."""


class GazeboEnded(RuntimeError):
    """gzserver ended by itself; says its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A complete folder."""

    root: Path

    def inside(self, work: Path, command: tuple[str, ...]) -> list[str]:
        """The command line that runs `command` in the folder, `work` at /mnt and its `tmp` at /tmp; without root."""
        (work / "tmp").mkdir(exist_ok=True)
        return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _INSIDE, "sh", str(self.root),
                str(work.resolve()), *command]


def find(folder: Path | None = None) -> House:
    """Raises GazeboMissing, whose text says how to make it."""
    script = _REPOSITORY / SCRIPT
    if not script.is_file():
        raise GazeboMissing(f"{SCRIPT} is not here: flights in Gazebo need Taihang's repository, not only its package")
    named = [] if folder is None else ["--folder", str(folder)]
    asked = subprocess.run([str(script), *named, "--path"], capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        raise GazeboMissing(f"no Gazebo 11 in {asked.stdout.strip()}: run {SCRIPT} (480 MB, some minutes, no root)")
    return House(root=Path(asked.stdout.strip()))


def build_plugin(house: House, cache: Path) -> Path:
    """The compiled plugin; compiles (about half a minute) when sources or folder changed. Raises PluginUnbuilt."""
    key = hashlib.sha256((house.root / ".taihang").read_bytes())
    for source in sorted(_SOURCES.glob("*.[ch]*")):
        key.update(source.read_bytes())
    built = cache / f"libtaihang_link-{key.hexdigest()[:16]}.so"
    if built.is_file():
        return built
    work = cache / f"{built.stem}.work{os.getpid()}"
    work.mkdir(parents=True, exist_ok=True)
    try:
        for source in _SOURCES.glob("*.[ch]*"):
            shutil.copy(source, work)
        made = subprocess.run(
            house.inside(work, ("/usr/bin/g++", *_flags(house), "-o", "/mnt/made.so", "/mnt/taihang_link.cc")),
            capture_output=True, text=True, timeout=_BUILD_S, check=False,
        )
        if made.returncode != 0:
            first = next((line for line in made.stderr.splitlines() if "error" in line.lower()), made.stderr[-300:])
            raise PluginUnbuilt(f"the Gazebo plugin does not compile: {first}")
        (work / "made.so").replace(built)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return built


def _flags(house: House) -> Iterator[str]:
    yield from ("-std=c++17", "-O2", "-fPIC", "-shared", "-w")
    include = house.root / "usr" / "include"
    folders = [*include.glob("gazebo-11"), *include.glob("sdformat-*"), *include.glob("ignition/*"),
               include / "OGRE", include / "OGRE" / "Paging"]
    for folder in sorted(folders):
        yield f"-isystem/{folder.relative_to(house.root)}"


class Server:
    """A running gzserver."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process, self._log = process, log

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self, timeout_s: float) -> None:
        """Until it has ended. Raises subprocess.TimeoutExpired."""
        self._process.wait(timeout_s)

    def check(self) -> None:
        """Raises GazeboEnded when it has ended."""
        if (status := self._process.poll()) is not None:
            words = self._log.read_text(errors="replace").strip().splitlines()[-5:]
            raise GazeboEnded(f"gzserver ended with {status}: " + " / ".join(words))


    def cpu_s(self, ticks_per_s: int) -> float:
        """CPU seconds it has used; `ticks_per_s`: the kernel's SC_CLK_TCK."""
        told = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / ticks_per_s


@contextmanager
def running(house: House, world: Path, plugin: Path, *, seed: int, with_cameras: bool) -> Iterator[Server]:
    """gzserver on a world file, its folder at /mnt inside; with a virtual screen where there are cameras.

    The plugin calls ports on loopback that are bound before this: see `bridge.Bridge`.
    """
    work = world.parent
    shutil.copy(plugin, work / "libtaihang_link.so")
    log = work / "gzserver.log"
    with contextlib.ExitStack() as stack:
        environment = _environment()
        if with_cameras:
            environment["DISPLAY"] = stack.enter_context(_screen(house, work))
        command = ("/usr/bin/gzserver", "--verbose", "--minimal_comms", "--seed", str(seed),
                   *(("--lockstep", "--pause") if with_cameras else ()), f"/mnt/{world.name}")
        process = stack.enter_context(_child(house.inside(work, command), log, environment))
        yield Server(process, log)


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/tmp", "LC_ALL": "C.UTF-8",
        "GAZEBO_MASTER_URI": f"http://127.0.0.1:{_free_port()}", "GAZEBO_IP": "127.0.0.1",
        "GAZEBO_MODEL_DATABASE_URI": "", "GAZEBO_PLUGIN_PATH": "/mnt",
        "GAZEBO_RESOURCE_PATH": "/mnt:/usr/share/gazebo-11", "GAZEBO_MODEL_PATH": "/mnt",
        "OGRE_RESOURCE_PATH": "/usr/lib/x86_64-linux-gnu/OGRE-1.9.0", "LIBGL_ALWAYS_SOFTWARE": "1",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def _child(command: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as words:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, env=dict(environment),
            start_new_session=True,  # a Ctrl-C is for us, who then end it in order
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _screen(house: House, work: Path) -> Iterator[str]:
    """A virtual screen on a free display; yields its name."""
    log = work / "xvfb.log"
    reading, writing = os.pipe()
    command = house.inside(work, (
        "/usr/bin/Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp",
    ))
    with log.open("wb") as words:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, pass_fds=(writing,),
            env=_environment(), start_new_session=True,
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise GazeboEnded(f"the virtual screen did not start: {log.read_text(errors='replace')[-300:]}")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()
