"""Claims that a command of tests/show makes of its figures: each is printed with what was found, and the misses counted."""


class Claims:
    """Collects claims; `write` leaves the verdict for the shell: the number missed, then the figure in one line."""

    def __init__(self):
        self.missed = 0

    def hold(self, true, text):
        """A claim and its figures in words."""
        if not true:
            self.missed += 1
        print(f"{'holds ' if true else 'MISSED'}  {text}", flush=True)

    def write(self, path, figure):
        with open(path, "w", encoding="utf-8") as out:
            out.write(f"{self.missed}\n{figure}\n")
