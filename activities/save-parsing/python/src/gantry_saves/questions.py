"""What can be asked of a save."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import Any


class Questions(ABC):
    """The operations of the protocol, over what carries a request and its answer."""

    @abstractmethod
    def request(self, op: str, **members: Any) -> dict[str, Any]:
        """Any request with one answer, which is returned as it came."""

    @abstractmethod
    def _entries(self, message: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """The entries of a request that is answered by a stream."""

    def extract_sections(self, sections: Iterable[str], *, strict: bool = False) -> dict[str, Any]:
        """Whole sections by name, with ``schema_version``, ``tool_version`` and ``game``.

        One that is not there is left out, or with ``strict`` a ParserError ``SectionNotFound``.
        """
        answer: dict[str, Any] = self.request("extract_sections", sections=list(sections), strict=strict)["data"]
        return answer

    def iter_section(self, section: str, *, batch_size: int = 100, strict: bool = False) -> Iterator[tuple[str, Any]]:
        """The entries of a section, key and value, in the order of the file."""
        return self._entries({"op": "iter_section", "section": section, "batch_size": batch_size, "strict": strict})

    def query(self, path: str, *, limit: int | None = None) -> Iterator[tuple[str, Any]]:
        """What a path such as ``country.*[military_power>1000].name`` finds: where it stands, and its value."""
        return self._entries({"op": "query", "path": path, "limit": limit})

    def get_entry(self, section: str, key: str | int) -> Any:
        """The entry of a section by key; None if it is not there."""
        return self.request("get_entry", section=section, key=key)["entry"]

    def get_entries(
        self, section: str, keys: Iterable[str | int], fields: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Entries by key: ``_key`` and ``_value``, or ``_key`` and the fields."""
        members: dict[str, Any] = {"section": section, "keys": list(keys)}
        if fields is not None:
            members["fields"] = list(fields)
        entries: list[dict[str, Any]] = self.request("get_entries", **members)["entries"]
        return entries

    def count_keys(self, keys: Iterable[str]) -> dict[str, int]:
        """How many fields below the top level have each of the keys."""
        counts: dict[str, int] = self.request("count_keys", keys=list(keys))["counts"]
        return counts

    def contains_tokens(self, tokens: Iterable[str]) -> dict[str, bool]:
        """Whether each of the tokens occurs anywhere in the text."""
        matches: dict[str, bool] = self.request("contains_tokens", tokens=list(tokens))["matches"]
        return matches

    def contains_kv(self, pairs: Iterable[tuple[str, Any]]) -> dict[str, bool]:
        """Whether each ``key=value`` is the field of anything."""
        matches: dict[str, bool] = self.request("contains_kv", pairs=[list(pair) for pair in pairs])["matches"]
        return matches

    def get_country_summaries(self, fields: Iterable[str]) -> list[dict[str, Any]]:
        """``id`` and the fields of each country."""
        countries: list[dict[str, Any]] = self.request("get_country_summaries", fields=list(fields))["countries"]
        return countries

    def get_duplicate_values(self, section: str, key: str | int, field: str) -> list[Any]:
        """All values of a field that an entry has several times."""
        values: list[Any] = self.request("get_duplicate_values", section=section, key=key, field=field)["values"]
        return values

    def get_entry_text(self, section: str, key: str | int) -> str | None:
        """The text of an entry as the file has it."""
        text: str | None = self.request("get_entry_text", section=section, key=key)["text"]
        return text

    def multi(self, ops: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers to several requests at once."""
        results: list[dict[str, Any]] = self.request("multi", ops=list(ops))["results"]
        return results
