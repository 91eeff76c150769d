public import Core
public import Domain
public import HTTPClient

/// Makes a notifier that posts each notice as JSON to a URL.
///
/// `Deckhand-Signature: t=SECONDS,v1=HEX` signs the seconds since 1970, a dot and the body. The URL may hold what is
/// secret: it is in no error. An answer of 2xx is a delivery; 408, 425, 429, 5xx and no answer may be tried again.
public func makeWebhookNotifier(
    url: Secret<String>,
    signer: any MessageSigner,
    client: HTTPClient,
    clock: any WallClock
) -> any Notifier {
    WebhookNotifier(url: url, signer: signer, client: client, clock: clock)
}
