public import Core

/// A ticket's output as a file: where to find it.
public struct OutputReference: Sendable, Hashable {
    /// The folder in the sessions directory.
    public let folder: SessionName
    /// The ticket's number.
    public let number: Int
    /// The ticket's; what another one with this number left is not there.
    public let nonce: Int64?
    /// Makes a reference.
    public init(folder: SessionName, number: Int, nonce: Int64? = nil) {
        self.folder = folder
        self.number = number
        self.nonce = nonce
    }
}

/// What is known of an output now.
public struct OutputInfo: Sendable, Equatable {
    /// Bytes produced so far by the stream, kept or not.
    public var length: Int64
    /// The stretch that was not kept, in offsets of the combined output.
    public var omitted: OmittedRange?
    /// Makes a value.
    public init(length: Int64, omitted: OmittedRange?) {
        self.length = length
        self.omitted = omitted
    }
}

/// Bytes in a row that came from one stream.
public struct OutputStretch: Sendable, Equatable {
    /// The stream; `combined` when it is not known which.
    public var stream: OutputStream
    /// How many bytes.
    public var count: Int
    /// Makes a value.
    public init(stream: OutputStream, count: Int) {
        self.stream = stream
        self.count = count
    }
}

/// A piece of output.
public struct OutputChunk: Sendable, Equatable {
    /// The offset of the first byte, in bytes of the asked-for stream as produced.
    public var offset: Int64
    /// The bytes.
    public var bytes: [UInt8]
    /// The offset to go on with: after the bytes, and after a gap that follows them.
    public var next: Int64
    /// Bytes skipped between `offset` asked for and `offset` returned because they were not kept.
    public var skipped: Int64
    /// Which stream the bytes came from, in order; the counts add up to the bytes.
    public var stretches: [OutputStretch]
    /// Makes a value.
    public init(offset: Int64, bytes: [UInt8], next: Int64, skipped: Int64, stretches: [OutputStretch] = []) {
        self.offset = offset
        self.bytes = bytes
        self.next = next
        self.skipped = skipped
        self.stretches = stretches
    }
}

/// Reads outputs in constant memory.
///
/// Blocking calls happen on threads of the store.
///
/// Errors: `output_missing` (gone) when the file is not there any more.
public protocol OutputStore: Sendable {
    /// Length and gap now.
    func info(_ output: OutputReference, stream: OutputStream) async throws -> OutputInfo
    /// At most `count` bytes from `offset`; empty at the present end. Offsets inside the gap continue after it.
    func read(_ output: OutputReference, stream: OutputStream, from offset: Int64, count: Int) async throws
        -> OutputChunk
    /// The offset at which the last `lines` lines begin, or at which what is kept without a gap begins.
    ///
    /// However long they are: it looks back piece by piece, until the caller is cancelled.
    func offsetOfLast(lines: Int, of output: OutputReference, stream: OutputStream) async throws -> Int64
    /// Yields into a stream whenever the output may have grown, the first time at once, for as long as the subscription
    /// is held.
    ///
    /// Costs nothing without viewers.
    func watch(_ output: OutputReference, _ wake: AsyncStream<Void>.Continuation) -> Subscription
    /// Removes the files of a ticket that is over.
    func remove(_ output: OutputReference) async throws
    /// Removes a session's folder with all that is in it.
    func removeFolder(_ folder: SessionName) async throws
}
