"""Disks of a virtual machine that lose what was not flushed when the power is cut.

Each is a network block device (the protocol document of NBD: proto.md, "fixed newstyle", simple replies). A write is kept in
memory and answered at once, as by a disk with a write cache that is on. A flush brings all that is kept into the image; so
does a write with FUA for its own blocks. At the cut, a disk writes some of its cache and in any order, or nothing: each
block that was not flushed is drawn.
"""
import os
import socket
import struct
import threading

BLOCK = 4096
OPTION_MAGIC = 0x49484156454F5054
REPLY_MAGIC = 0x3E889045565A9
REQUEST_MAGIC = 0x25609513
SIMPLE_REPLY_MAGIC = 0x67446698
EXPORT_NAME, ABORT, INFO, GO = 1, 2, 6, 7
ACKNOWLEDGED, INFORMATION, UNSUPPORTED = 1, 3, 0x80000001
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
HAS_FLAGS, SEND_FLUSH, SEND_FUA = 1, 4, 8
FUA = 1
EINVAL = 22


class Power:
    """What all disks of a machine share: the moment in which it is cut."""

    def __init__(self):
        self.lock = threading.RLock()
        self.disks = []

    def cut(self, share, luck):
        """Of what was not flushed, each block reaches its image with the probability `share`; returns how many did, and of how many.

        The machine must have been stopped under the lock.
        """
        kept = lost = 0
        with self.lock:
            for disk in self.disks:
                for block, data in disk.cache.items():
                    if luck.random() < share:
                        os.pwrite(disk.image, data, block * BLOCK)
                        kept += 1
                    else:
                        lost += 1
                disk.cache.clear()
        return kept, kept + lost


class Disk:
    """One disk: an image, and the socket at which it is served to one machine after the other."""

    def __init__(self, power, image, path, size):
        self.power = power
        self.path = path
        self.size = size
        self.cache = {}
        self.flushes = 0
        self.image = os.open(image, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.truncate(self.image, size)
        power.disks.append(self)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rwb", buffering=1 << 20) as stream:
                if self._agree(stream):
                    while self._answer(stream):
                        stream.flush()
        except (ConnectionError, EOFError, ValueError):
            pass

    def _agree(self, stream):
        """The handshake; false when the client leaves."""
        stream.write(b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
        stream.flush()
        take(stream, 4)
        flags = HAS_FLAGS | SEND_FLUSH | SEND_FUA
        while True:
            magic, option, length = struct.unpack(">QII", take(stream, 16))
            if magic != OPTION_MAGIC:
                return False
            take(stream, length)
            if option == EXPORT_NAME:
                stream.write(struct.pack(">QH", self.size, flags))
                stream.flush()
                return True
            if option in (INFO, GO):
                told(stream, option, INFORMATION, struct.pack(">HQH", 0, self.size, flags))
                told(stream, option, INFORMATION, struct.pack(">HIII", 3, BLOCK, BLOCK, 1 << 25))
            told(stream, option, ACKNOWLEDGED if option in (ABORT, INFO, GO) else UNSUPPORTED)
            stream.flush()
            if option in (GO, ABORT):
                return option == GO

    def _answer(self, stream):
        """One request; false when it was the last one."""
        magic, flags, kind, handle, offset, length = struct.unpack(">IHHQQI", take(stream, 28))
        if magic != REQUEST_MAGIC or kind == DISCONNECT:
            return False
        data = take(stream, length) if kind == WRITE else b""
        error, answer = 0, b""
        with self.power.lock:
            if kind == FLUSH:
                self._flush(list(self.cache))
                self.flushes += 1
            elif kind not in (READ, WRITE) or offset % BLOCK or length % BLOCK or offset + length > self.size:
                error = EINVAL
            elif kind == READ:
                answer = self._read(offset, length)
            else:
                first = offset // BLOCK
                for index in range(length // BLOCK):
                    self.cache[first + index] = data[index * BLOCK : (index + 1) * BLOCK]
                if flags & FUA:
                    self._flush(range(first, first + length // BLOCK))
        stream.write(struct.pack(">IIQ", SIMPLE_REPLY_MAGIC, error, handle) + answer)
        return True

    def _read(self, offset, length):
        answer = bytearray(os.pread(self.image, length, offset))
        first = offset // BLOCK
        for index in range(length // BLOCK):
            data = self.cache.get(first + index)
            if data is not None:
                answer[index * BLOCK : (index + 1) * BLOCK] = data
        return bytes(answer)

    def _flush(self, blocks):
        for block in blocks:
            os.pwrite(self.image, self.cache.pop(block), block * BLOCK)


def take(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data


def told(stream, option, kind, data=b""):
    stream.write(struct.pack(">QIII", REPLY_MAGIC, option, kind, len(data)) + data)
