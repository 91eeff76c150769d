public import Application
public import Domain

/// The use cases of prepaid credits that the edge speaks for.
public struct CreditServices: Sendable {
    /// Looking after wallets, and recording.
    public let service: CreditService
    /// What callers may see.
    public let reader: WalletReader
    /// What host applications call places.
    public let places: any PlaceDirectory

    /// Puts them together.
    public init(service: CreditService, reader: WalletReader, places: any PlaceDirectory) {
        self.service = service
        self.reader = reader
        self.places = places
    }
}
