__all__ = ["Public", "later"]
__all__ += ["_underscored"]

CONSTANT = compute()
first, (second, *rest) = 1, (2, 3)
annotated: int
chained = twice = 1
CONSTANT = 2
CONSTANT += 1
items.attribute = 1
items["x"] = 1

for index, name in enumerate([]):
    looped = index

with open("x") as handle, other() as (a, b):
    pass

while (chunk := read()):
    pass

values = [local for local in items if (walrus := local)]

match values:
    case Point(x=0, y=captured) | [captured]:
        pass
    case {"key": mapped, **others}:
        pass
    case _ as whole:
        pass


class Public:
    pass


def _underscored():
    global counter, CONSTANT
    counter = 1
    CONSTANT = 3


def later():
    pass


def unlisted():
    local = 1


def compute():
    pass


def read():
    pass


handler = lambda x: compute()
handler()
