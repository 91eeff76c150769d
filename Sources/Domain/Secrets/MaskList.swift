/// What is replaced in the outputs of commands and in what models say, in the order in which it is searched.
///
/// It is made once for each set of secrets and handed to every run and every call.
public final class MaskList: Sendable {
    /// Each form once, in the order of its bytes.
    public let forms: [SecretForm]

    /// Makes the list of some values; those shorter than ``NamedSecret/shortest`` are left out.
    public init(values: [[UInt8]]) {
        var all: Set<SecretForm> = []
        for value in values where value.count >= NamedSecret.shortest {
            all.formUnion(SecretForms.all(of: value))
        }
        forms = all.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        var search = MaskForms()
        for form in forms { search.append(form.bytes[...], wraps: form.wraps) }
        self.search = search
    }

    /// The forms as they are searched.
    let search: MaskForms

    /// Bytes of all forms.
    public var size: Int { forms.reduce(0) { $0 + $1.bytes.count } }
}

extension MaskList: CustomStringConvertible, CustomReflectable {
    /// Never the forms.
    public var description: String { "<\(forms.count) redacted forms>" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
