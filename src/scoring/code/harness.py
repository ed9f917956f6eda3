"""Runs the tests of one program and says what came of each.

A test runs in this process; the program runs in another one (worker.py), and only answers calls. Values come back as
data of builtin types, made here, so that they are equal to nothing but what they equal; objects stay there, and only
their own operations are asked for. A program that reads input is a process by itself, whose output is compared here.
So what a program prints, returns or does to its own process can never be taken for a result. It has no way to this
process: there is no /proc, and the sandbox forbids to trace and to read another process's memory.

Reads one JSON object; writes the lines NONCE {"begun": true} and NONCE {"results": […], "detail": "…"}.
"""

import builtins
import collections
import datetime
import decimal
import fractions
import importlib
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import time
import unittest

# The longest message or output that is read, in bytes.
LONGEST = 8 << 20
# After so many tests that took too long, the others are not begun.
PATIENCE = 3
# Elements of an iterator that a test hands over.
MOST = 100_000
# Modules' names that a program can't give to something else.
MODULES = set(getattr(sys, "stdlib_module_names", ())) | {"np", "pd", "numpy", "pandas", "pytest", "scipy"}


class Ended(BaseException):
    """The test is over, whatever it would catch; `what` is its result."""

    def __init__(self, what, detail=""):
        super().__init__(detail)
        self.what = what


class ProgramError(Exception):
    """An error of the program whose class is not known here."""


class Channel:
    """The other process, and what is known of it."""

    def __init__(self, seconds):
        self.deadline = time.monotonic() + seconds
        to_read, outgoing = os.pipe()
        incoming, to_write = os.pipe()
        command = [sys.executable, "-I", "worker.py", str(to_read), str(to_write)]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=(to_read, to_write)
        )
        os.close(to_read)
        os.close(to_write)
        self.incoming, self.outgoing = incoming, outgoing
        os.set_blocking(self.incoming, False)
        os.set_blocking(self.outgoing, False)
        self.buffer = b""
        self.callbacks = []
        self.errors = {}
        self.over = None

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.incoming)
        os.close(self.outgoing)

    def end(self, what, detail=""):
        self.over = Ended(what, detail)
        raise self.over

    def wait(self, reading, writing):
        left = self.deadline - time.monotonic()
        if left <= 0 or not any(select.select(reading, writing, [], left)):
            self.end("timed-out")

    def gone(self):
        code = self.process.wait()
        if code == -signal.SIGXCPU:
            self.end("timed-out")
        self.end("crashed", "the program ended its process (%d)" % code)

    def send(self, message):
        data = json.dumps(message).encode() + b"\n"
        while data:
            self.wait([], [self.outgoing])
            try:
                data = data[os.write(self.outgoing, data[: 1 << 16]):]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self.gone()

    def receive(self):
        pieces = [self.buffer]
        size = len(self.buffer)
        while b"\n" not in pieces[-1]:
            self.wait([self.incoming], [])
            piece = os.read(self.incoming, 1 << 16)
            if not piece:
                self.gone()
            pieces.append(piece)
            size += len(piece)
            if size > LONGEST:
                self.end("crashed", "a value is too large")
        line, _, self.buffer = b"".join(pieces).partition(b"\n")
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict):
            self.end("crashed", "the program broke its process")
        return message

    def ask(self, what, *arguments, **more):
        """Asks the program's process, and answers what it asks meanwhile."""
        if self.over:
            raise self.over
        self.send(dict(more, do=what, **{"with": [self.encode(one) for one in arguments]}))
        while True:
            reply = self.receive()
            if "call" in reply:
                self.called(reply)
                continue
            if "raised" in reply:
                self.fail(reply)
            try:
                if what == "load":
                    return reply["value"]
                for place, now in reply.get("changed", ()):
                    replace(arguments[1 + place], self.decode(now))
                return self.decode(reply["value"])
            except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError):
                self.end("crashed", "the program broke its process")

    def called(self, message):
        """The program calls a function that a test gave to it."""
        try:
            function = self.callbacks[message["call"]]
            arguments = [self.decode(one) for one in message["with"]]
        except (KeyError, IndexError, TypeError, ValueError):
            self.end("crashed", "the program broke its process")
        try:
            reply = {"returned": self.encode(function(*arguments))}
        except Exception as error:
            reply = {"raised": str(error)[:200]}
        self.send(reply)

    def fail(self, reply):
        """Raises here what was raised there."""
        bases = [str(name) for name in reply["raised"]] if isinstance(reply["raised"], list) else []
        words = str(reply.get("words", ""))[:500]
        if reply.get("place") == "syntax":
            self.end("compile-error", words)
        if "MemoryError" in bases:
            self.end("memory", words)
        if "Exception" not in bases:
            self.end("crashed", "the program ended itself")
        for name in bases:
            known = self.errors.get(name) or getattr(builtins, name, None)
            if isinstance(known, type) and issubclass(known, Exception):
                try:
                    error = known(words)
                except TypeError:
                    continue
                raise error
        raise ProgramError(words)

    def encode(self, value):
        if isinstance(value, Remote):
            return {"o": object.__getattribute__(value, "_number")}
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, int):
            return {"i": "%x" % value}
        if isinstance(value, float):
            return {"f": value.hex()}
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
        if callable(value) and not isinstance(value, type):
            self.callbacks.append(value)
            return {"h": len(self.callbacks) - 1}
        if hasattr(value, "__next__"):
            return {"I": [self.encode(one) for one in itertools.islice(value, MOST)]}
        raise TypeError("a test can't hand over a %s: define it in `setup`" % type(value).__name__)

    def decode(self, value):
        if value is None or isinstance(value, (bool, str)):
            return value
        if "o" in value:
            return Remote(self, value["o"])
        (tag, inner), = value.items()
        several = {"l": list, "t": tuple, "s": set, "z": frozenset, "q": collections.deque}
        if tag in several:
            return several[tag](self.decode(one) for one in inner)
        if tag == "d":
            return {self.decode(key): self.decode(one) for key, one in inner}
        if tag == "n":
            return importlib.import_module("numpy").array(self.decode(inner[0]), dtype=inner[1])
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
            "h": lambda number: self.callbacks[number],
        }
        return simple[tag](inner)


def replace(old, new):
    """Makes a container of a test what the program made of it."""
    if type(old) is type(new) and isinstance(old, (list, bytearray)):
        old[:] = new
    elif type(old) is type(new) and isinstance(old, (dict, set)):
        old.clear()
        old.update(new)


def both(what):
    """An operation of two objects of the program; with data it is not defined, since the program could say anything."""

    def operation(self, other):
        if not isinstance(other, Remote):
            return NotImplemented
        return object.__getattribute__(self, "_channel").ask(what, self, other)

    return operation


def alone(what):
    """An operation of one object, with data if need be."""

    def operation(self, *arguments):
        return object.__getattribute__(self, "_channel").ask(what, self, *arguments)

    return operation


class Remote:
    """An object of the program."""

    def __init__(self, channel, number):
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_number", int(number))

    def __getattr__(self, name):
        return object.__getattribute__(self, "_channel").ask("get", self, name)

    def __setattr__(self, name, value):
        object.__getattribute__(self, "_channel").ask("set", self, name, value)

    def __call__(self, *arguments, **named):
        channel = object.__getattribute__(self, "_channel")
        named = {key: channel.encode(one) for key, one in named.items()}
        return channel.ask("call", self, *arguments, named=named)

    def __eq__(self, other):
        return isinstance(other, Remote) and object.__getattribute__(self, "_channel").ask("eq", self, other) is True

    def __exit__(self, *error):
        object.__getattribute__(self, "_channel").ask("exit", self)

    def __instancecheck__(self, other):
        return isinstance(other, Remote) and bool(object.__getattribute__(self, "_channel").ask("isinstance", other, self))

    __hash__ = alone("hash")
    __iter__ = alone("iter")
    __next__ = alone("next")
    __len__ = alone("len")
    __str__ = alone("str")
    __repr__ = alone("repr")
    __bool__ = alone("bool")
    __int__ = alone("int")
    __float__ = alone("float")
    __round__ = alone("round")
    __dir__ = alone("dir")
    __getitem__ = alone("item")
    __setitem__ = alone("put")
    __delitem__ = alone("drop")
    __enter__ = alone("enter")
    __lt__ = both("lt")
    __le__ = both("le")
    __add__ = both("add")
    __sub__ = both("sub")
    __mul__ = both("mul")


def names_of(channel, loaded, job):
    """What a test finds: the program's names, except those that would change what the test itself does."""
    names = {"__name__": "tests", "__builtins__": builtins}
    entry = job["entry"]
    for name, bases in loaded["errors"].items():
        base = next((getattr(builtins, one) for one in bases if hasattr(builtins, one)), Exception)
        if not hasattr(builtins, name) and issubclass(base, Exception):
            names[name] = channel.errors[name] = type(str(name), (base,), {})
    for name, value in loaded["names"].items():
        if isinstance(value, dict) and "m" in value:
            try:
                names[name] = importlib.import_module(str(value["m"]))
            except Exception:
                continue
        elif name == entry or not (hasattr(builtins, name) or name in MODULES):
            names[name] = channel.decode(value)
    wanted = names.get(entry)
    # What the question itself gives, such as a helper, is taken from the question.
    if job["prefix"]:
        own = {"__name__": "prefix", "__builtins__": builtins}
        try:
            exec(compile(job["prefix"], "prefix.py", "exec"), own)
        except Exception:
            own = {}
        names.update((key, one) for key, one in own.items() if not key.startswith("__"))
        names.pop(entry, None)
        if wanted is not None:
            names[entry] = wanted
    return names


def checked(source, job):
    """Runs test code against the program."""
    try:
        code = compile(source, "test.py", "exec")
    except SyntaxError as error:
        return "broken", str(error)
    channel = Channel(job["seconds"])
    try:
        names = names_of(channel, channel.ask("load", setup=job["setup"]), job)
        before = dict(names)
        try:
            exec(code, names)
            made = {key: one for key, one in names.items() if before.get(key) is not one}
            run_made(made, names, job["entry"])
        except ModuleNotFoundError as missing:
            return "broken", str(missing)
        error = None
    except BaseException as raised:
        error = raised
    finally:
        channel.close()
    # What ended the program's process counts, whatever a test made of it.
    if channel.over:
        return channel.over.what, str(channel.over)
    if error is None:
        return "passed", ""
    if isinstance(error, SystemExit):
        return "broken", "the test ends the process"
    if isinstance(error, MemoryError):
        return "memory", ""
    if isinstance(error, AssertionError):
        return "wrong-answer", str(error)
    return "crashed", "%s: %s" % (type(error).__name__, error)


def run_made(made, names, entry):
    """What a test only defines is run: check(candidate), functions test_…, and classes of unittest."""
    check = made.get("check")
    if callable(check) and entry:
        if entry not in names:
            raise NameError("name %r is not defined" % entry)
        check(names[entry])
    for name, one in made.items():
        if isinstance(one, type) and issubclass(one, unittest.TestCase):
            result = unittest.TestResult()
            result.failfast = True
            unittest.defaultTestLoader.loadTestsFromTestCase(one).run(result)
            for _, text in result.failures + result.errors:
                raise AssertionError(text.strip().splitlines()[-1][:200])
        elif name.startswith("test_") and callable(one):
            one()


def lines_of(text):
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def compared(test, job):
    """Runs the program by itself on an input and compares its output, blanks at the ends of lines apart."""
    command = [sys.executable, "-I", "program.py"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    deadline = time.monotonic() + job["seconds"]
    waiting = memoryview(test["stdin"].encode())
    output, errors = [], b""
    size, reading, writing = 0, [process.stdout, process.stderr], [process.stdin]
    for stream in reading + writing:
        os.set_blocking(stream.fileno(), False)
    late = False
    while reading:
        left = deadline - time.monotonic()
        ready, able, _ = select.select(reading, writing, [], max(left, 0))
        if left <= 0 or size > LONGEST:
            late = left <= 0
            break
        if able:
            try:
                waiting = waiting[os.write(process.stdin.fileno(), waiting[: 1 << 16]):]
            except BrokenPipeError:
                waiting = waiting[:0]
            if not waiting:
                writing = []
                close(process.stdin)
        for stream in ready:
            piece = os.read(stream.fileno(), 1 << 16)
            if not piece:
                reading.remove(stream)
            elif stream is process.stdout:
                output.append(piece)
                size += len(piece)
            else:
                errors = (errors + piece)[-4096:]
    if late or size > LONGEST:
        process.kill()
    # What closed its streams and goes on is late as well.
    try:
        code = process.wait(max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        process.kill()
        code, late = process.wait(), True
    for stream in (process.stdin, process.stdout, process.stderr):
        close(stream)
    last = (errors.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
    if late or code == -signal.SIGXCPU:
        return "timed-out", ""
    if size > LONGEST:
        return "wrong-answer", "more than %d bytes of output" % LONGEST
    if code != 0:
        return ("memory" if last.startswith("MemoryError") else "crashed"), last or "exit code %d" % code
    if lines_of(b"".join(output).decode("utf-8", "replace")) == lines_of(test["stdout"]):
        return "passed", ""
    return "wrong-answer", ""


def close(stream):
    try:
        stream.close()
    except OSError:
        pass


def main():
    # Below, every process that can be reached is killed: that is right in the sandbox alone.
    if os.getuid() != 65534 or os.uname().nodename != "sandbox" or os.path.exists("/proc/self"):
        sys.exit("this is not the sandbox")
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)
    job = json.loads(sys.stdin.read())
    nonce, results, first, late = job["nonce"], [], "", 0
    # What a test prints is nobody's.
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")
    print(nonce, json.dumps({"begun": True}), file=told, flush=True)
    with open("program.py", encoding="utf-8") as file:
        source = file.read()
    try:
        compile(source, "program.py", "exec")
        broken = None
    except (SyntaxError, ValueError) as error:
        broken = str(error)
    except (MemoryError, RecursionError):
        broken = "too deeply nested"
    for test in job["tests"]:
        if broken is not None:
            what, detail = "compile-error", broken
        elif late >= PATIENCE:
            what, detail = "timed-out", ""
        elif isinstance(test, str):
            what, detail = checked(test, job)
        else:
            what, detail = compared(test, job)
        late += what == "timed-out"
        results.append(what)
        if what != "passed" and not first:
            first = str(detail)[:300]
        # What a test has left goes before the next one.
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
    print(nonce, json.dumps({"results": results, "detail": first}), file=told, flush=True)


main()
