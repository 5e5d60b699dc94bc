"""python -m simulator: bad input is named, never a traceback."""

import socket

import pytest

from simulator.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--timezone", "Mars/Base"], "'Mars/Base' is no time zone"),
        (["--last-day", "yesterday"], "'yesterday' is no day"),
        (["--weeks", "0"], "'0' is not a whole number above 0"),
        (["--page-size", "many"], "'many' is not a whole number above 0"),
        (["--size", "huge"], "invalid choice"),
    ],
)
def test_bad_arguments_are_named(arguments, complaint, capsys):
    with pytest.raises(SystemExit) as end:
        main(["serve", *arguments])
    assert end.value.code == 2
    assert complaint in capsys.readouterr().err


def test_a_taken_port_is_named(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--size", "cases", "--port", str(port)]) == 2
    assert f"cannot serve on port {port}" in capsys.readouterr().err
