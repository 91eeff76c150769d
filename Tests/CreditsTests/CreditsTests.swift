import Testing

@Suite("Credits")
struct CreditsTests {}
