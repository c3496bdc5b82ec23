"""`taihang sim serve --autopilot`: what cannot be is one sentence, and says what to do."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from command.cli import main
from command.errors import EnvironmentLacks, UserError


def refusal(*arguments: str) -> UserError:
    ended = CliRunner().invoke(main.app_of(["sim"]), ["sim", "serve", *arguments])
    assert isinstance(ended.exception, UserError), ended
    return ended.exception


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--autopilot", "px4", "--frame", "octo_x"], "choose one of quad_x, hexa_x"),
    (["--autopilot", "px4", "--kind", "sub", "--frame", "sub"], "choose one of sub_heavy"),
    (["--autopilot", "ardupilot", "--kind", "boat", "--binary", "/nowhere/x"], "name build/sitl/bin/ardurover"),
    (["--autopilot", "ardupilot", "--defaults", "/nowhere/my.parm"], "/nowhere/my.parm is no file"),
    (["--autopilot", "px4", "--defaults", "/etc/hostname"], "PX4 takes its own from its airframe"),
    (["--frame", "quad_x"], "name one by --autopilot"),
    (["--autopilot", "px4", "--trust-tcp"], "leave --signing-key and --trust-tcp out"),
    (["--autopilot", "px4", "--binary", "/bin/true", "--body-port", "5000"], "leave --body-port out"),
])
def test_bad_input_is_one_sentence(arguments: list[str], sentence: str) -> None:
    error = refusal(*arguments)
    assert sentence in str(error)
    assert error.exit_code == 2


def test_a_used_port_is_named_with_the_option_that_helps() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        error = refusal("--autopilot", "ardupilot", "--body-port", str(port))
    assert isinstance(error, EnvironmentLacks)
    assert str(error) == (
        f"UDP port {port} on 127.0.0.1 cannot be used: Address already in use: choose another with --body-port"
    )


def test_an_autopilot_that_ends_is_said_with_where_its_words_are(tmp_path: Path) -> None:
    binary = tmp_path / "arducopter"
    binary.write_text("#!/bin/sh\nexit 7\n")
    binary.chmod(0o755)
    error = refusal(
        "--autopilot", "ardupilot", "--binary", str(binary), "--body-port", "0", "--work", str(tmp_path / "work"),
    )
    assert "arducopter ended with status 7" in str(error)
    assert error.exit_code == 1
