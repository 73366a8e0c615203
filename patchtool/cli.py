# SPDX-License-Identifier: GPL-2.0-or-later
"""The ``patchtool`` command: the only error boundary, and the only ``sys.exit``."""

from __future__ import annotations

import contextlib
import importlib
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from patchtool import __version__
from patchtool.commands.man import example
from patchtool.commands.printing import put
from patchtool.core import settings
from patchtool.core.process import terminate_is_interrupt
from patchtool.core.progress import open_progress
from patchtool.core.text import command_line
from patchtool.errors import CommandError, Exit, PatchtoolError, from_os_error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Verb to the module below patchtool.commands that holds it; imported when it is used.
VERBS = {
    "apply-and-test": "apply_and_test",
    "matrix": "matrix",
    "bisect": "bisect",
    "bisect-step": "bisect_step",
    "rerun": "rerun",
    "report": "report",
    "series": "series",
    "revisions": "revisions",
    "tree": "tree",
    "kconfig": "kconfig",
    "toolchain": "toolchain",
    "doctor": "doctor",
    "schema": "schema",
    "man": "man",
}
#: The verb whose exit code git reads, the codes that say nothing of a commit, and from which code
#: on git ends its search (git-bisect(1)).
STEP = "bisect-step"
ERRORS = (Exit.USAGE, Exit.INFRA, Exit.BUG)
FIRST_INFRA = 128


class Verbs(click.Group):
    """A group that imports its commands only when they are run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """The verbs, in the order a newcomer meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The verb *name*, or None."""
        if name not in VERBS:
            return None
        module = importlib.import_module(f"patchtool.commands.{VERBS[name]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=example(
        "test the bundled series, then make a web page of the report",
        "patchtool apply-and-test balloon-counters --tree ~/linux --out run",
        "patchtool report run --format html --output report.html",
    ),
)
@click.version_option(__version__, prog_name="patchtool")
@click.option(
    "--progress",
    "mode",
    type=click.Choice(["auto", "rich", "plain", "json", "none"]),
    default="auto",
    show_default=True,
    help="How to show progress on standard error.",
)
@click.pass_context
def patchtool(ctx: click.Context, mode: str) -> None:
    """Say whether a kernel patch series is good.

    Applies a series to a kernel tree, configures and builds it patch by patch in a
    container, boots it under QEMU, and runs tests that assert on /proc/vmstat deltas.

    Settings are read from $XDG_CONFIG_HOME/patchtool/config.toml and from variables named
    PATCHTOOL_<KEY>; `patchtool schema settings` lists the keys.

    \b
    Exit codes:
      0    everything passed
      1    something failed, or the series is at fault
      2    the command line, a setting or a manifest is wrong
      3    this machine, the network or another program is at fault
      4    a bug in patchtool
      130  interrupted with ^C
    """  # noqa: D301 (click reads the backspace: what follows is not wrapped)
    from patchtool.commands.options import Context

    progress = ctx.with_resource(open_progress(mode))
    ctx.obj = Context(settings.load(), progress)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``patchtool`` and exit."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run ``patchtool``; the exit code. Every error is said here, on standard error."""
    code = _run(arguments)
    words = sys.argv[1:] if arguments is None else arguments
    verb = next((word for word in words if word in VERBS), "")
    if verb == STEP and code in ERRORS:
        return code + FIRST_INFRA  # git bisect run would take less for a bad commit
    return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        with terminate_is_interrupt():
            result = patchtool.main(args=arguments, prog_name="patchtool", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        with contextlib.suppress(OSError, ValueError):
            error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        _print("patchtool: interrupted; the same command continues where it stopped")
        return Exit.INTERRUPTED
    except PatchtoolError as error:
        _say(error)
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.OK
    except OSError as error:
        if error.filename is None and error.errno is None:
            return _bug()
        _say(from_os_error(error))
        return Exit.INFRA
    except Exception:  # noqa: BLE001 (the boundary: a bug is reported, never a bare traceback)
        return _bug()
    return int(result) if isinstance(result, int) else Exit.OK


def _say(error: PatchtoolError) -> None:
    where = f"{error.stage}: " if error.stage else ""
    _print(f"patchtool: {where}{error}")
    if error.hint:
        _print(f"  -> {error.hint}")
    if isinstance(error, CommandError):
        _print(f"  command: {command_line(error.argv)}")


def _print(text: str) -> None:
    """Say it on standard error; where that can't be written, the exit code says enough."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: it was closed
        put(text, err=True)


def _bug() -> int:
    report = traceback.format_exc()
    _print(f"patchtool: a bug in patchtool: {sys.exception()!r}")
    try:
        path = _keep_traceback(report)
    except Exception as error:  # noqa: BLE001 (it is the first one that is reported)
        _print(f"{report}  the traceback above could not be kept ({error}); please report it")
    else:
        _print(f"  the traceback is in {path}; please report it")
    return Exit.BUG


def _keep_traceback(text: str) -> Path:
    folder = settings.load().state / "bugs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{datetime.now(tz=UTC):%Y%m%d-%H%M%S}.txt"
    path.write_text(text, encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
