public import Core
public import Domain
public import HTTPClient

/// Makes the caller of host applications: JSON over POST, signed by the key of each application, without redirects.
///
/// `Deckhand-Signature: t=SECONDS,n=NONCE,v2=HEX` signs the seconds since 1970, a dot, a nonce that no other call has, a
/// dot and the body; `Idempotency-Key` repeats the body's `key`. After an answer of 425 or 429, and when nothing was
/// sent, nothing was done; after 408, 5xx and no answer nobody knows.
public func makeHostCaller(
    signers: [String: any MessageSigner],
    client: HTTPClient,
    clock: any WallClock
) -> any HostCaller {
    SignedHostCaller(signers: signers, client: client, clock: clock)
}
