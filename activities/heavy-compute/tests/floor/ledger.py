"""Accounts and what moves between them.

def in_docstring(a):
    is no definition
"""
from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Generic, Iterator, Protocol, TypeVar, overload

T = TypeVar("T")
TEMPLATE = '''
class InString:
    def method(self):
        pass
'''


class Clock(Protocol):
    def now(self) -> float: ...


class LedgerError(Exception): pass


@dataclass(
    frozen=True,
    order=True,
)
class Money:
    amount: int
    currency: str = "EUR"

    def __post_init__(self):
        if self.amount < 0:
            raise LedgerError("less than nothing")

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + other.amount, self.currency)

    @property
    def is_zero(self):
        return self.amount == 0

    @classmethod
    def of(
        cls,
        text: str,
        *,
        currency: str = "EUR",
    ) -> Money:
        def digits():
            return int("".join(c for c in text if c.isdigit()))
        return cls(digits(), currency)


class Page(Generic[T]):
    class Meta:
        ordering = ("name",)

        def describe(self):
            return self.ordering

    def __init__(self, items: list[T]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[T]:
        yield from self.items


if __debug__:
    def trace(message):
        print(message)
else:
    def trace(message): pass

try:
    from fast import checksum
except ImportError:
    def checksum(data: bytes, seed=0) -> int:
        return sum(data, seed)


def retry(times=3, on=(OSError,)):
    def decorate(f):
        async def wrapper(*args, **kwargs):
            for _ in range(times):
                with contextlib.suppress(*on):
                    return await f(*args, **kwargs)
            raise LedgerError(f"def not_here(): {times}")
        return wrapper
    return decorate


class Ledger:
    _entries: dict[str, list[Money]] = field(default_factory=dict)

    @overload
    def get(self, name: str) -> Money: ...

    @overload
    def get(self, name: str, default: T) -> Money | T: ...

    def get(self, name, default=None):
        entries = self._entries.get(name)
        return sum(entries, Money(0)) if entries else default

    @retry(
        times=5,
    )
    async def post(self, name: str, money: Money) -> None:
        await asyncio.sleep(0)
        self._entries.setdefault(name, []).append(money)

    @contextlib.contextmanager
    def transaction(self): # keeps what was
        before = {k: list(v) for k, v in self._entries.items()}
        try:
            yield self
        except BaseException:
            self._entries = before
            raise

    if hasattr(asyncio, "timeout"):
        def limit(self, seconds):
            return asyncio.timeout(seconds)

    total = lambda self: sum(map(self.get, self._entries))


class Büro(Ledger):
    def größe(self): return len(self._entries)


def first[K](items: dict[K, Money]) -> K:
    return next(iter(items))


class Stack[E](list[E]):
    def peek(self) -> E: return self[-1]


async def main():
    ledger = Ledger()
    async with asyncio.TaskGroup() as group:
        group.create_task(ledger.post("a", Money.of("10")))

    class Report(Page[Money]):
        async def render(self):
            return [m.amount for m in self]

    await Report([]).render()


if __name__ == "__main__":
    asyncio.run(main())
