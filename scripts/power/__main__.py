"""Cuts the power of a virtual machine under load, boots it again from the same disks, and looks: power FOLDER ROUNDS

FOLDER holds `kernel` and `root.cpio` (scripts/package/test-power). DECKHAND_POWER_SEED repeats what was drawn; what happens
between processes is not repeated.
"""
import os
import random
import sys
import time

import load
from client import Client
from disk import Disk, Power
from inspection import Inspection
from ledger import Ledger
from machine import Machine
from witness import Witness

HASH = "0123456789abcdef0123456789abcdef"
# How much of what was not flushed reaches the disk all the same.
SHARES = (0, 0.5, 0.1, 0.9)


def main(folder, rounds):
    seed = os.environ.get("DECKHAND_POWER_SEED") or str(random.SystemRandom().randrange(1 << 32))
    luck = random.Random(seed)
    print(f"seed {seed}, {rounds} rounds, {os.environ['DECKHAND_POWER_FILESYSTEM']}", flush=True)
    power = Power()
    disks = []
    for name in ("data", "sessions"):
        path = f"{folder}/{name}.sock"
        if os.path.exists(path):
            os.unlink(path)
        disks.append(Disk(power, f"{folder}/{name}.img", path, 1 << 30))
    witness = Witness()
    machine = Machine(f"{folder}/kernel", f"{folder}/root.cpio", disks,
                      os.environ.get("DECKHAND_BOOT_ACCELERATOR", "tcg"), os.environ["DECKHAND_POWER_FILESYSTEM"],
                      witness)
    ledger = Ledger()
    boots = set()
    try:
        for number in range(1, rounds + 1):
            boots.add(boot(machine, f"{folder}/boot-{number}.log", number % 2 == 0))
            if number == 1:
                load.make_sessions(Client(machine.port, HASH))
            else:
                inspect(machine, ledger, witness, number)
            play(machine, power, ledger, number, rounds, seed, luck)
        boots.add(boot(machine, f"{folder}/boot-{rounds + 1}.log", False))
        inspect(machine, ledger, witness, rounds + 1)
    finally:
        machine.kill()
    if len(boots) != rounds + 1:
        raise RuntimeError(f"the boot ids are {boots}")
    print(f"ok: everything, over {rounds} power cuts and {len(ledger.tickets)} tickets")


def boot(machine, log, writes_back):
    begin = time.monotonic()
    machine.boot(log, writes_back)
    identity = machine.wait_to_say("boot ", 900)
    print(f"{identity} after {time.monotonic() - begin:.0f} s", flush=True)
    return identity


def play(machine, power, ledger, number, rounds, seed, luck):
    before = ledger.acknowledged
    flushes = sum(disk.flushes for disk in power.disks)
    work = load.Load(number, machine.port, HASH, ledger, seed)
    load.run(work, luck)
    with power.lock:
        work.end()
        share = SHARES[(number - 1) % len(SHARES)]
        kept, unflushed = machine.cut_power(power, share, luck)
    work.join()
    if work.problems:
        raise RuntimeError("\n".join(work.problems))
    print(f"round {number} of {rounds}: {ledger.acknowledged - before} tickets acknowledged, "
          f"{sum(disk.flushes for disk in power.disks) - flushes} flushes; power cut with {unflushed} blocks not flushed, "
          f"of which {kept} reached the disk", flush=True)


def inspect(machine, ledger, witness, number):
    inspection = Inspection(machine.port, HASH, ledger, witness, number)
    inspection.run()
    machine.wait_to_say("ok: looked", 900)
    if inspection.problems:
        for problem in inspection.problems[:40]:
            print(f"FAILED: {problem}")
        raise RuntimeError(f"{len(inspection.problems)} problems")
    changes = ", ".join(f"{count} {name}" for name, count in sorted(inspection.states.items()))
    print(f"ok: {len(ledger.tickets)} tickets are as they were said to be; since the cut: {changes}", flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except RuntimeError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(1)
