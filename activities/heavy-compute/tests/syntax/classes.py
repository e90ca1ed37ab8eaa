from enum import Enum


class Base:
    """A base."""

    shared = 1
    typed: int = 2

    def __init__(self, x):
        self.x = x
        self._y, self.z = 1, 2
        self.setup()

    def setup(self):
        self.missing()
        other(self)

    @property
    def value(self):
        return self.x

    @value.setter
    def value(self, v):
        self.x = v

    @value.deleter
    def value(self):
        pass

    @staticmethod
    def static(a, b):
        Base.create()

    @classmethod
    def create(cls, a=1):
        cls.static(1, 2)
        return cls()

    def _hidden(self): ...

    def __dunder__(self): ...

    class Nested:
        def deep(self):
            def inner():
                self.deep()
            inner()


class Child(Base, metaclass=Meta):
    def setup(self):
        super().setup()
        super(Child, self).setup()
        self.static(1, 2)
        self.create()
        self.value()

    def reassigned(self):
        self = other(1)
        self.setup()

    if True:
        def conditional(self):
            pass


class _Hidden:
    def method(self):
        pass


class Colour(Enum):
    RED = 1
    GREEN = 2


def other(x):
    Child.setup(x)
    Child(1)
    return Nested()


class Nested:
    pass


class Repeated:
    def method(self):
        pass


class Repeated:
    def method(self):
        pass
