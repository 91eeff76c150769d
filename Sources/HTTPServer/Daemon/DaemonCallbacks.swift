internal import Core
internal import CLinux
internal import CMicroHTTPD

/// The library's callbacks; they run on its threads and never block.
///
/// Who owns what: a `Connection` is retained from "started" to "closed", an `Exchange` from the request line to
/// "completed". The listener's context outlives the daemon.
enum DaemonCallbacks {
    static let connectionChanged: MHD_NotifyConnectionCallback = { context, connection, socketContext, code in
        guard let context = unsafe context, let connection = unsafe connection,
            let slot = unsafe socketContext
        else { return }
        let listener = unsafe Unmanaged<ListenerContext>.fromOpaque(context).takeUnretainedValue()
        if dh_mhd_connection_started(code) != 0 {
            let descriptor = unsafe dh_mhd_socket(connection)
            let entry = Connection(
                peer: .of(descriptor: descriptor, kind: listener.kind),
                descriptor: descriptor
            )
            listener.opened(entry)
            unsafe slot.pointee = Unmanaged.passRetained(entry).toOpaque()
        } else if let pointer = unsafe slot.pointee {
            let entry = unsafe Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
            unsafe slot.pointee = nil
            listener.closed(entry)
        }
    }

    /// Sees the target before the library changes it; what it returns becomes the exchange of the request.
    static let target:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) ->
            UnsafeMutableRawPointer? = {
                context,
                target,
                connection in
                guard let context = unsafe context, let target = unsafe target,
                    let connection = unsafe connection,
                    let entry = unsafe dh_mhd_socket_context(connection)
                else { return nil }
                let listener = unsafe Unmanaged<ListenerContext>.fromOpaque(context).takeUnretainedValue()
                let bytes = unsafe UnsafeRawBufferPointer(start: target, count: strlen(target))
                let exchange = Exchange(
                    target: unsafe [UInt8](bytes),
                    listener: listener,
                    connection: unsafe Unmanaged<Connection>.fromOpaque(entry).takeUnretainedValue(),
                    handle: unsafe ConnectionHandle(pointer: connection)
                )
                listener.core.instruments.inFlight.add(1)
                listener.core.activity.enter()
                return unsafe Unmanaged.passRetained(exchange).toOpaque()
            }

    static let access: MHD_AccessHandlerCallback = {
        _,
        connection,
        url,
        method,
        version,
        upload,
        size,
        slot in
        guard let connection = unsafe connection, let size = unsafe size, let pointer = unsafe slot?.pointee
        else { return dh_mhd_no }
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeUnretainedValue()
        let handle = unsafe ConnectionHandle(pointer: connection)
        let step: Exchange.Step
        if exchange.needsHead {
            guard let method = unsafe method, let version = unsafe version else { return dh_mhd_no }
            step = unsafe exchange.takeHead(
                String(cString: method),
                String(cString: version),
                HeaderCollector(
                    handle,
                    line: Int(bitPattern: method),
                    end: Int(bitPattern: version) + strlen(version)
                ),
                targetSize: Int(bitPattern: version) - Int(bitPattern: url) - 1
            )
        } else if unsafe size.pointee > 0 {
            step = unsafe exchange.takeBody(
                [UInt8](UnsafeRawBufferPointer(start: upload, count: size.pointee))
            )
            unsafe size.pointee = 0
            if exchange.hasDiscardedEnough { return dh_mhd_no }
        } else {
            step = exchange.advance()
        }
        guard case .answer(let response, let stream) = step else { return dh_mhd_yes }
        return handle.queue(response, stream: stream, closes: exchange.isDraining) ? dh_mhd_yes : dh_mhd_no
    }

    static let completed: MHD_RequestCompletedCallback = { context, _, slot, code in
        guard let slot = unsafe slot, let pointer = unsafe slot.pointee else { return }
        unsafe slot.pointee = nil
        let exchange = unsafe Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue()
        exchange.ended(completely: dh_mhd_completed_ok(code) != 0)
    }

    /// The library's own messages; they can quote input, so they are for debugging only, but for what they say of refusals.
    static let log: MHD_LogCallback = { context, format, arguments in
        guard let context = unsafe context, let format = unsafe format, let arguments = unsafe arguments
        else {
            return
        }
        let listener = unsafe Unmanaged<ListenerContext>.fromOpaque(context).takeUnretainedValue()
        let isRefusal = unsafe String(cString: format).utf8.starts(with: LibraryRefusal.beginning.utf8)
        guard isRefusal || listener.core.logger.writes(.debug) else { return }
        var text = [CChar](repeating: 0, count: 512)
        let count = unsafe vsnprintf(&text, text.count, format, arguments)
        guard count > 0 else { return }
        let bytes = text.prefix(min(Int(count), text.count - 1)).map { UInt8(bitPattern: $0) }
        if isRefusal, let refusal = LibraryRefusal(message: bytes) { listener.core.note(refusal) }
        listener.core.logger.debug(
            "libmicrohttpd",
            LogField("text", LogValue.untrusted(String(decoding: bytes, as: UTF8.self).trimmed))
        )
    }
}
