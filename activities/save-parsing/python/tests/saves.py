"""Saves and stand-ins for the binary, made for a test."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import textwrap
import unittest
import zipfile
from pathlib import Path

META = 'version="Phoenix v4.0.1"\nname="The Test"\ndate="2312.01.01"\n'

COUNTRIES = 400

GAMESTATE = (
    'version="Phoenix v4.0.1"\ndate="2312.01.01"\nplayer=\n{\n\t{\n\t\tname="someone"\n\t\tcountry=7\n\t}\n}\ncountry=\n{\n'
    + "".join(
        f'\t{number}=\n\t{{\n\t\tname="Empire {number}"\n\t\tmilitary_power={number * 10}.5\n'
        f'\t\tethos=\n\t\t{{\n\t\t\tethic="ethic_a"\n\t\t\tethic="ethic_{number}"\n\t\t}}\n'
        f'\t\tnote="{"x" * 300}"\n\t}}\n'
        for number in range(COUNTRIES)
    )
    + "\t9000=none\n}\n"
)


def write_save(path: Path, gamestate: str = GAMESTATE) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("meta", META)
        file.writestr("gamestate", gamestate)


class SaveTest(unittest.TestCase):
    """Has a folder with a save in it, and leaves no child process."""

    def setUp(self) -> None:
        # That a process was lost is said in a log, and here it is meant to be.
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.save = self.folder / "a.sav"
        write_save(self.save)
        self.addCleanup(self.assert_no_child)

    def assert_no_child(self) -> None:
        if hasattr(os, "waitpid"):
            with self.assertRaises(ChildProcessError, msg="a process was left"):
                os.waitpid(-1, os.WNOHANG)

    def stand_in(self, text: str) -> str:
        """A program in the place of the binary; `real()` in it goes on as the real one."""
        path = self.folder / "stand-in"
        real = os.environ["PARSER_BINARY"]
        opening = f"""\
            #!{sys.executable}
            import os, signal, sys

            def real():
                os.execv({real!r}, [{real!r}, *sys.argv[1:]])

            def first_time():
                try:
                    os.close(os.open({str(self.folder / "seen")!r}, os.O_CREAT | os.O_EXCL))
                except FileExistsError:
                    return False
                return True

            """
        path.write_text(textwrap.dedent(opening) + textwrap.dedent(text))
        path.chmod(0o755)
        return str(path)
