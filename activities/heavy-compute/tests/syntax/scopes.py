import imported
from x import target2 as aliased


def target():
    pass


def by_parameter(target):
    target()


def by_local():
    target()
    target = 1


def by_loop():
    for target in []:
        target()


def by_with():
    with open("x") as target:
        target()


def by_import():
    from y import target
    target()


def by_comprehension():
    return [target() for target in []]


def not_after_comprehension():
    x = [1 for target in []]
    target()


def by_lambda():
    return lambda target: target()


def by_global():
    global target
    target = wrap(target)
    target()


def outer():
    def inner():
        pass

    def rebinds():
        nonlocal inner
        inner = 1
        inner()
    inner()


class Klass:
    def target(self):
        target()

    def helper():
        pass

    value = helper()

    def method(self):
        helper()


def helper():
    aliased()
    imported.call()
    f"{target()}"
    (target)()
    return helper() if target() else Klass.target(1)


def wrap(f):
    return f


try:
    from fast import maybe
except ImportError:
    def maybe():
        pass

maybe()
target = wrap(target)
print([target() for _ in []])
