# SPDX-License-Identifier: GPL-2.0-or-later
"""A real public-inbox server on loopback, with lists that tests fill."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PROGRAMS = ("public-inbox-init", "public-inbox-httpd")
LISTS = ("linux-mm", "linux-kernel", "virtualization")
#: Imports mails, each a file, into a list, as public-inbox's own importers do.
IMPORT = r"""
use strict; use warnings;
use PublicInbox::Config; use PublicInbox::InboxWritable; use PublicInbox::Eml;
my $name = shift @ARGV;
my $ibx = PublicInbox::Config->new->lookup_name($name) or die "no list $name\n";
my $import = PublicInbox::InboxWritable->new($ibx, {nproc => 1})->importer(0);
for my $file (@ARGV) {
	my $mail = do { local $/; open my $fh, '<', $file or die "$file: $!"; <$fh> };
	$import->add(PublicInbox::Eml->new(\$mail)) or die "$file: already there\n";
}
$import->done;
"""
#: Becomes the server, on the listening socket whose number is given.
SERVE = r"""
use strict; use warnings;
use POSIX ();
POSIX::dup2($ARGV[0], 3) // die "dup2: $!";
@ENV{qw(LISTEN_PID LISTEN_FDS)} = ($$, 1);
exec 'public-inbox-httpd', '-W0';
"""


def missing() -> list[str]:
    """The programs of Debian's package ``public-inbox`` that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class PublicInbox:
    """A server that runs from ``start`` to ``stop``.

    Attributes:
        url: Its address, without a slash at the end; a list is at ``url/NAME``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment of its programs: nothing of the user's."""
        home = str(self.folder)
        keys = {"HOME": home, "PI_CONFIG": f"{home}/config", "PATH": os.environ["PATH"]}
        return {**keys, "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1"}

    def start(self) -> Self:
        """Make the lists, start the server, and wait until it answers."""
        for name in LISTS:
            place = [str(self.folder / name), f"{self.url}/{name}", f"{name}@example.org"]
            self._run(["public-inbox-init", "-V2", name, *place])
        self._serve()
        return self

    def stop(self) -> None:
        """End the server."""
        self._end()
        self._socket.close()

    def restart(self) -> None:
        """Start the server anew: it looks for new mails in its search index only now and then."""
        self._end()
        self._serve()

    def _serve(self) -> None:
        number = self._socket.fileno()
        # The socket is handed over as systemd does it, so no other program can take the port.
        with (self.folder / "httpd.log").open("ab") as log:
            self._server = subprocess.Popen(
                ["perl", "-e", SERVE, str(number)],
                env=self.env,
                cwd=self.folder,
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._answers(f"{self.url}/{LISTS[0]}/", 60)

    def _end(self) -> None:
        if self._server is not None:
            self._server.terminate()
            try:
                self._server.wait(10)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None

    def add(self, name: str, *mails: bytes) -> None:
        """Deliver mails to a list."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            files = [Path(folder) / f"{number:04d}.eml" for number in range(len(mails))]
            for file, mail in zip(files, mails, strict=True):
                file.write_bytes(mail)
            self._run(["perl", "-e", IMPORT, name, *map(str, files)])

    def _run(self, argv: list[str]) -> None:
        done = subprocess.run(
            argv, env=self.env, cwd=self.folder, check=False, capture_output=True, timeout=120
        )
        assert done.returncode == 0, f"{argv[0]}: {done.stderr.decode()}"

    def _answers(self, url: str, seconds: float) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + seconds
        while True:
            assert self._server is not None
            log = self.folder / "httpd.log"
            assert self._server.poll() is None, log.read_text(encoding="utf-8")
            try:
                opener.open(url, timeout=seconds).close()
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return
            except OSError:
                pass
            else:
                return
            assert time.monotonic() < until, f"{url} does not answer"
            time.sleep(0.05)


def mail(
    subject: str,
    message_id: str,
    body: str = "text\n",
    *,
    reply_to: str | None = None,
    headers: Mapping[str, str] | None = None,
    to: Iterable[str] = ("linux-mm@example.org",),
) -> bytes:
    """A mail as a sender's program writes it."""
    fields = {
        "From": "Ann Author <ann@example.org>",
        "To": ", ".join(to),
        "Subject": subject,
        "Date": "Mon, 03 Feb 2025 10:00:00 +0000",
        "Message-ID": f"<{message_id}>",
        **({"In-Reply-To": f"<{reply_to}>", "References": f"<{reply_to}>"} if reply_to else {}),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{head}\n{body}".encode()


def posting(files: Iterable[Path], domain: str, headers: Mapping[str, str]) -> list[bytes]:
    """Patch files as ``git send-email`` sends them: a cover letter, and patches in reply to it.

    Their Message-IDs are ``N@DOMAIN``, N from 0.
    """
    mails = []
    for number, file in enumerate(files):
        text = file.read_bytes()
        text = text[text.index(b"\n") + 1 :] if text.startswith(b"From ") else text
        reply = {"In-Reply-To": f"<0@{domain}>", "References": f"<0@{domain}>"} if number else {}
        fields = {"Message-ID": f"<{number}@{domain}>", **reply, **headers}
        head = "".join(f"{name}: {value}\n" for name, value in fields.items())
        mails.append(head.encode() + text)
    return mails
