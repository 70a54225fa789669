"""Starts processes and imports none of the application."""

import time

BEGAN = time.monotonic()  # the first line of ours that runs, so `make run` can say how long it took
