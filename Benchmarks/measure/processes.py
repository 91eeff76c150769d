"""What /proc says about processes: trees and memory."""
import ctypes
import os
import pathlib

_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


def adopt_orphans():
    """Makes this process the parent of what its descendants leave behind, so that it can take leave of them."""
    ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)


def reap(pid):
    """Takes leave of a process that has ended, if it came to be ours."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def _status(pid):
    """Parent and start time, which together with the number name a process for good; None when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else (int(fields[1]), int(fields[19]))


def descendants(root):
    """(pid, start time) of all processes below one."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (status := _status(int(name))):
            parents.setdefault(status[0], []).append((int(name), status[1]))
    found, waiting = [], [root]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += [pid for pid, _ in children]
    return found


def is_alive(process):
    pid, start = process
    status = _status(pid)
    return status is not None and status[1] == start


def program(pid):
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def used(pid):
    """Seconds of processor time of a process so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """Resident bytes of a process."""
    return _kilobytes(f"/proc/{pid}/status", "VmRSS:")


def highest_resident(pid):
    """The most that has been resident since `forget_highest`."""
    return _kilobytes(f"/proc/{pid}/status", "VmHWM:")


def forget_highest(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def proportional(pid):
    """Resident bytes with shared pages divided among those who share them."""
    return _kilobytes(f"/proc/{pid}/smaps_rollup", "Pss:")


def _kilobytes(path, name):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise ValueError(f"{path} has no {name}")
