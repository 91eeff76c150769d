import CLinux
import Glibc
import Testing

@testable import HTTPServer

@Suite("Talking to the service manager")
struct SystemTests {
    @Test("inherited descriptors are taken only when they are meant for this process")
    func descriptors() {
        let environment = ["LISTEN_PID": "42", "LISTEN_FDS": "2"]
        #expect(InheritedDescriptors.all(environment: environment, processID: 42) == [3, 4])
        #expect(InheritedDescriptors.all(environment: environment, processID: 43).isEmpty)
        #expect(InheritedDescriptors.all(environment: ["LISTEN_FDS": "2"], processID: 42).isEmpty)
        #expect(
            InheritedDescriptors.all(environment: ["LISTEN_PID": "42", "LISTEN_FDS": "-1"], processID: 42)
                .isEmpty
        )
        #expect(InheritedDescriptors.all(environment: [:]).isEmpty)
    }

    @Test("notices are datagrams to a path or an abstract name", arguments: [false, true])
    func notices(isAbstract: Bool) {
        let name = (isAbstract ? "@" : "/tmp/") + "notify-test-\(UInt64.random(in: 0 ... .max))"
        let receiver = SocketCalls.open(AF_UNIX, SOCK_DGRAM)
        defer { _ = close(receiver) }
        var address = SocketCalls.unixAddress(name)
        if isAbstract { address.sun_path.0 = 0 }
        #expect(SocketCalls.bind(receiver, address, size: 2 + name.utf8.count + (isAbstract ? 0 : 1)) == 0)
        #expect(ServiceNotice.ready.send(to: name))
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = unsafe recv(receiver, &buffer, buffer.count, 0)
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "READY=1")
        if !isAbstract { _ = unsafe unlink(name) }
    }

    @Test("without a socket nothing is sent")
    func nobody() {
        #expect(!ServiceNotice.stopping.send(to: nil))
        #expect(!ServiceNotice.stopping.send(to: "/nonexistent/socket"))
    }
}
