public import Core
public import Domain
public import HTTPClient

/// Makes the caller of host applications: JSON over POST, signed by the key of each application, without redirects.
///
/// `Deckhand-Signature: t=SECONDS,v1=HEX` signs the seconds since 1970, a dot and the body; `Idempotency-Key` repeats the
/// body's `key`. An answer of 408, 425, 429 or 5xx, and none at all, may be tried again.
public func makeHostCaller(
    signers: [String: any MessageSigner],
    client: HTTPClient,
    clock: any WallClock
) -> any HostCaller {
    SignedHostCaller(signers: signers, client: client, clock: clock)
}
