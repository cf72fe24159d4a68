"""Cases: functions with a docstring that say what must hold."""

import os

# (module, name) -> function, in the order of definition.
CASES = {}


class Skip(Exception):
    """The machine lacks what the case needs; the reason."""


def case(function):
    """Makes a function a case; its docstring's first line is what it shows."""
    if not (function.__doc__ or "").strip():
        raise TypeError(f"{function.__name__} has no docstring")
    CASES[f"{function.__module__}.{function.__name__}"] = function
    return function


def cases(rows):
    """Makes one case of each row `(name, docstring, *arguments)` of a table."""
    def register(function):
        for name, words, *arguments in rows:
            def one(arguments=tuple(arguments)):
                function(*arguments)
            one.__doc__ = words
            one.__name__ = f"{function.__name__}_{name}"
            one.__module__ = function.__module__
            if f"{one.__module__}.{one.__name__}" in CASES:
                raise TypeError(f"two cases called {one.__name__}")
            CASES[f"{one.__module__}.{one.__name__}"] = one
        return function
    return register


def check(holds, message):
    """Fails the case with `message` unless `holds`."""
    if not holds:
        raise AssertionError(message() if callable(message) else message)


def needs_root():
    if os.geteuid() != 0:
        raise Skip("needs root")
