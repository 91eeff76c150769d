"""The virtual machine: qemu with a kernel, a root in memory, and the disks."""
import socket
import subprocess
import time


class Machine:
    """Booted anew for each round, always with the same disks."""

    def __init__(self, kernel, root, disks, accelerator, filesystem, witness):
        self.kernel = kernel
        self.root = root
        self.disks = disks
        self.accelerator = accelerator
        self.filesystem = filesystem
        self.witness = witness
        self.process = None
        self.port = 0
        self.log = ""

    def boot(self, log, writes_back):
        self.log = log
        self.port = free_port()
        open(log, "w").close()
        command = ["qemu-system-x86_64", "-accel", self.accelerator, "-cpu", "max", "-smp", "1", "-m", "2048"]
        command += ["-nodefaults", "-no-reboot", "-display", "none", "-kernel", self.kernel, "-initrd", self.root]
        command += ["-append", "console=ttyS0 rdinit=/lib/systemd/systemd quiet systemd.show_status=false "
                    f"systemd.getty_auto=0 writeback={'on' if writes_back else 'off'} filesystem={self.filesystem} "
                    f"witness={self.witness.port}"]
        command += ["-serial", f"file:{log}"]
        # Only loopback: a port of the machine below, and its 10.0.2.2 is the loopback address here.
        command += ["-netdev", f"user,id=net,ipv6=off,hostfwd=tcp:127.0.0.1:{self.port}-10.0.2.15:8083"]
        command += ["-device", "virtio-net-pci,netdev=net,romfile="]
        for index, disk in enumerate(self.disks):
            command += ["-blockdev", f"driver=nbd,node-name=disk{index},server.type=unix,server.path={disk.path}"]
            command += ["-device", f"virtio-blk-pci,drive=disk{index},write-cache=on,"
                        "logical_block_size=4096,physical_block_size=4096"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def cut_power(self, power, share, luck):
        """Nothing more happens from one instant on; see Power.cut."""
        with power.lock:
            self.kill()
            return power.cut(share, luck)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def said(self):
        with open(self.log, errors="replace") as file:
            return [line.strip() for line in file if line.strip()]

    def wait_to_say(self, beginning, seconds):
        """The first line of the console that begins so."""
        end = time.monotonic() + seconds
        while True:
            for line in self.said():
                if line.startswith("FAILED:"):
                    raise RuntimeError(line)
                if line.startswith(beginning):
                    return line
            if self.process.poll() is not None:
                raise RuntimeError(f"qemu ended with {self.process.returncode}: see {self.log}")
            if time.monotonic() > end:
                raise RuntimeError(f"the machine did not say “{beginning}” within {seconds} s: see {self.log}")
            time.sleep(0.2)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
