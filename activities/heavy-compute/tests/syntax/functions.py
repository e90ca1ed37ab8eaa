"""Module docstring."""
import os
from typing import overload, List as L


def add(a: int, b: int = 1,  # first
        *args, c="two  blanks # kept", **kwargs) -> int:
    """Adds.

    Indented:
        more
    """
    return a + b


async def fetch(
    url,
    /,
    *,
    timeout=(1,
             2),
):
    'One line.'
    return await get(url)


def decorator(f):
    def wrapper(*a, **k):
        return f(*a, **k)
    return wrapper


def other(f):
    def wrapper(*a, **k):
        return f(*a, **k)

    class Local:
        def method(self):
            pass
    return wrapper


@decorator
@factory("x", helper())
def decorated(x):
    pass


def factory(name, value):
    return decorator


def helper():
    pass


@overload
def parse(x: int) -> int: ...
@overload
def parse(x: str) -> str: ...
def parse(x):
    """Parses."""
    return x


if os.name == "nt":
    def conditional():
        return 1
else:
    def conditional():
        return 2

try:
    import json
except ImportError as error:
    json = None


def complex(x):
    if x and x.y or x.z:
        pass
    elif x:
        pass
    for i in x:
        while i:
            i = i - 1
    try:
        pass
    except ValueError:
        pass
    match x:
        case 1 if x:
            pass
        case [first, *rest]:
            pass
    y = [i for i in x if i]
    f = lambda q: q if q else 1
    return y if x else f


def generic[T](x: T) -> T:
    return x


type Alias[T] = list[T]
_private_alias = 1
