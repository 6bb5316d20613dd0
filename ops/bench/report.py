"""What a measurement says: one line per claim, the ratio first, with a verdict and how busy the machine was."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ops.bench.machine import load_words

HOLDS, BROKEN, PLAIN = "✓", "✕", "·"


@dataclass
class Report:
    """Prints as it goes; `broken` counts the claims that did not hold."""

    broken: int = 0

    def claim(self, holds: bool, ratio: str, *details: str) -> None:
        """A line that decides about the exit code."""
        self.broken += not holds
        self._line(HOLDS if holds else BROKEN, ratio, details)

    def tell(self, ratio: str, *details: str) -> None:
        """A line that only informs."""
        self._line(PLAIN, ratio, details)

    def _line(self, mark: str, ratio: str, details: Sequence[str]) -> None:
        print(" · ".join([f"{mark} {ratio}", *details, load_words()]), flush=True)


def progress(words: str) -> None:
    """What is going on, for whoever waits; not part of the result."""
    if sys.stderr.isatty():
        print(f"  … {words}", file=sys.stderr, flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many percent do not exceed; infinite when there is none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else math.inf


def times(measured: float, baseline: float) -> float:
    """So many times the baseline of the same run; infinite when there is none."""
    return measured / baseline if baseline else math.inf


def ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.1f} s"
