"""python3 -m worker: pays for ever; with --once one round."""

import sys
import time

from lib import money
from lib.database import connect
from worker.pay import pay


def send(recipient, cents, currency):
    """Where the bank would be called."""
    print(f"paid {money.show(cents, currency)} to {recipient}", flush=True)


if __name__ == "__main__":
    while True:
        paid = pay(connect(), send)
        if "--once" in sys.argv:
            break
        if not paid:
            time.sleep(1)
