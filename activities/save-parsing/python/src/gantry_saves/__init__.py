"""Sessions about saves of Stellaris: parsed once by ``gantry-save-parsing``, asked often."""

from .active import active_session, ask, extract_sections, iter_section_entries, session
from .binary import find_binary
from .cache import SaveCache
from .errors import ParserError, SessionLost, SessionTimeout
from .session import SaveSession

RustSession = SaveSession
"""The name that older code knows."""

__all__ = [
    "ParserError",
    "RustSession",
    "SaveCache",
    "SaveSession",
    "SessionLost",
    "SessionTimeout",
    "active_session",
    "ask",
    "extract_sections",
    "find_binary",
    "iter_section_entries",
    "session",
]
