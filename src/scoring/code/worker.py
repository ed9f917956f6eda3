"""Holds the program under test and answers calls to it.

Started by harness.py with two descriptors: what it is asked comes in by the first, one JSON text a line, and its answers
go out by the second. It never sees a test: only arguments of calls. Whatever the program does here can change nothing but
the values that it gives back.
"""

import builtins
import collections
import datetime
import decimal
import fractions
import json
import os
import sys
import types

PLAIN = (type(None), bool, str)


class Worker:
    def __init__(self, incoming, outgoing):
        self.incoming = os.fdopen(incoming, "r", encoding="utf-8")
        self.outgoing = os.fdopen(outgoing, "w", encoding="utf-8")
        self.objects = []
        self.names = {"__name__": "solution"}

    def send(self, message):
        # Anything but a standard encoding is refused on the other side.
        self.outgoing.write(json.dumps(message) + "\n")
        self.outgoing.flush()

    def receive(self):
        line = self.incoming.readline()
        if not line:
            os._exit(0)
        return json.loads(line)

    def keep(self, value):
        self.objects.append(value)
        return len(self.objects) - 1

    def encode(self, value):
        """Data by value, as the builtin type that it equals; anything else by a number."""
        if isinstance(value, PLAIN):
            return str.__str__(value) if isinstance(value, str) else value
        if isinstance(value, int):
            return {"i": "%x" % int(value)}
        if isinstance(value, float):
            return {"f": float.hex(float(value))}
        if isinstance(value, complex):
            return {"c": [value.real.hex(), value.imag.hex()]}
        if isinstance(value, (bytes, bytearray)):
            return {"b" if isinstance(value, bytes) else "y": value.hex()}
        for tag, kind in (("l", list), ("t", tuple), ("s", set), ("z", frozenset)):
            if isinstance(value, kind):
                return {tag: [self.encode(one) for one in value]}
        if isinstance(value, dict):
            return {"d": [[self.encode(key), self.encode(one)] for key, one in value.items()]}
        if isinstance(value, range):
            return {"r": [value.start, value.stop, value.step]}
        if isinstance(value, decimal.Decimal):
            return {"D": str(value)}
        if isinstance(value, fractions.Fraction):
            return {"F": ["%x" % value.numerator, "%x" % value.denominator]}
        if isinstance(value, datetime.datetime):
            return {"T": value.isoformat()}
        if isinstance(value, datetime.date):
            return {"A": value.isoformat()}
        if isinstance(value, datetime.timedelta):
            return {"E": [value.days, value.seconds, value.microseconds]}
        if isinstance(value, collections.deque):
            return {"q": [self.encode(one) for one in value]}
        if isinstance(value, type) and getattr(builtins, value.__name__, None) is value:
            return {"B": value.__name__}
        if isinstance(value, Callback):
            return {"h": object.__getattribute__(value, "number")}
        if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
            plain = value.tolist()
            return {"n": [self.encode(plain), str(value.dtype)]} if hasattr(value, "__len__") else self.encode(plain)
        return {"o": self.keep(value), "k": callable(value), "w": type(value).__name__}

    def decode(self, value):
        if not isinstance(value, dict):
            return value
        (tag, inner), = value.items()
        several = {"l": list, "t": tuple, "s": set, "z": frozenset, "q": collections.deque}
        if tag in several:
            return several[tag](self.decode(one) for one in inner)
        if tag == "d":
            return {self.decode(key): self.decode(one) for key, one in inner}
        simple = {
            "i": lambda v: int(v, 16),
            "f": float.fromhex,
            "c": lambda v: complex(float.fromhex(v[0]), float.fromhex(v[1])),
            "b": bytes.fromhex,
            "y": bytearray.fromhex,
            "r": lambda v: range(*v),
            "D": decimal.Decimal,
            "F": lambda v: fractions.Fraction(int(v[0], 16), int(v[1], 16)),
            "T": datetime.datetime.fromisoformat,
            "A": datetime.date.fromisoformat,
            "E": lambda v: datetime.timedelta(*v),
            "B": lambda name: getattr(builtins, name),
            "I": lambda all: iter([self.decode(one) for one in all]),
            "o": lambda number: self.objects[number],
            "h": lambda number: Callback(self, number),
        }
        return simple[tag](inner)

    def load(self, setup):
        with open("program.py", encoding="utf-8") as file:
            source = file.read()
        if setup:
            exec(compile(setup, "setup.py", "exec"), self.names)
        exec(compile(source, "program.py", "exec"), self.names)
        names, errors = {}, {}
        for name, value in list(self.names.items()):
            if isinstance(value, types.ModuleType):
                names[name] = {"m": value.__name__}
            elif isinstance(value, type) and issubclass(value, BaseException):
                errors[name] = [base.__name__ for base in value.__mro__]
            elif not name.startswith("__"):
                names[name] = self.encode(value)
        return {"names": names, "errors": errors}

    def act(self, message):
        """One of the few things that may be asked."""
        what, arguments = message["do"], [self.decode(one) for one in message.get("with", [])]
        if what == "load":
            return {"value": self.load(message["setup"])}
        if what == "call":
            target = arguments.pop(0)
            named = {key: self.decode(one) for key, one in message.get("named", {}).items()}
            before = [json.dumps(one) for one in message["with"][1:]]
            value = target(*arguments, **named)
            encoded = self.encode(value)
            # What the program changed in its arguments is changed for its caller.
            changed = []
            for place, (was, one) in enumerate(zip(before, arguments)):
                if isinstance(one, (list, dict, set, bytearray)):
                    now = self.encode(one)
                    if json.dumps(now) != was:
                        changed.append([place, now])
            return {"value": encoded, "changed": changed}
        value = {
            "get": getattr,
            "set": setattr,
            "iter": iter,
            "len": len,
            "str": str,
            "repr": repr,
            "bool": bool,
            "int": int,
            "float": float,
            "round": round,
            "dir": dir,
            "isinstance": isinstance,
            "item": lambda one, key: one[key],
            "put": lambda one, key, new: one.__setitem__(key, new),
            "drop": lambda one, key: one.__delitem__(key),
            "eq": lambda one, other: one == other,
            "lt": lambda one, other: one < other,
            "le": lambda one, other: one <= other,
            "add": lambda one, other: one + other,
            "sub": lambda one, other: one - other,
            "mul": lambda one, other: one * other,
            "hash": hash,
            "enter": lambda one: one.__enter__(),
            "exit": lambda one: one.__exit__(None, None, None),
            "next": next,
        }[what](*arguments)
        return {"value": self.encode(value)}

    def answer(self, message):
        try:
            reply = self.act(message)
        except BaseException as error:
            bases = [base.__name__ for base in type(error).__mro__]
            place = "syntax" if isinstance(error, SyntaxError) and message["do"] == "load" else ""
            try:
                words = str(error)[:500]
            except BaseException:
                words = ""
            reply = {"raised": bases, "words": words, "place": place}
        self.send(reply)


class Callback:
    """A function of the tests, as the program sees it: it can be called, and that is all."""

    def __init__(self, worker, number):
        object.__setattr__(self, "worker", worker)
        object.__setattr__(self, "number", number)

    def __call__(self, *arguments):
        worker = object.__getattribute__(self, "worker")
        number = object.__getattribute__(self, "number")
        worker.send({"call": number, "with": [worker.encode(one) for one in arguments]})
        while True:
            message = worker.receive()
            if "returned" in message:
                return worker.decode(message["returned"])
            if "raised" in message:
                raise RuntimeError(message["raised"])
            # The function of the tests uses something of the program.
            worker.answer(message)


def main():
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    worker = Worker(int(sys.argv[1]), int(sys.argv[2]))
    while True:
        worker.answer(worker.receive())


main()
