internal import Domain

/// What a route demands of its caller: who, with which permission, and what kind of object the request names.
///
/// Every route says it; the router admits nobody else, and the tests walk all routes with all kinds of callers by it.
struct RouteAccess: Sendable, Equatable {
    /// Which credentials are looked at.
    enum Door: Sendable, Equatable {
        /// None.
        case open
        /// None but the path itself: a link to one object that its owner gave away.
        case link
        /// The handler looks at those it accepts, for faces that send credentials in their own ways.
        case byHandler
        /// A bearer credential, the cookie of a sign-in, or the local socket.
        case credential
        /// The same, but a person must have signed in.
        case signIn
        /// The session of a user of a host application, and nobody else's credential.
        case user
        /// A token that a host application signed for this call, or an administrator who signed in.
        case host
    }

    let door: Door
    /// What the caller must be allowed to do; nil where being somebody is enough.
    let permission: Permission?
    /// What kind of object the path, the query or the body names; nil where none is named.
    let object: ObjectKind?
    /// What a user of a host application must be allowed to do who is let in beside those of the door; nil where none is.
    private(set) var users: Permission?
    /// Whether the backend of a host application is let in beside those of the door.
    private(set) var admitsHosts = false

    init(door: Door, permission: Permission?, object: ObjectKind?) {
        self.door = door
        self.permission = permission
        self.object = object
    }

    /// The same, and users of host applications who have a permission.
    func andUsers(_ permission: Permission) -> RouteAccess {
        var access = self
        access.users = permission
        return access
    }

    /// The same, and the backends of host applications.
    func andHosts() -> RouteAccess {
        var access = self
        access.admitsHosts = true
        return access
    }

    /// Everybody.
    static let open = RouteAccess(door: .open, permission: nil, object: nil)

    /// Everybody who has the link to an object.
    static func link(to object: ObjectKind) -> RouteAccess {
        RouteAccess(door: .link, permission: nil, object: object)
    }

    /// Whoever the handler finds out, who must have the permission.
    static func byHandler(_ permission: Permission, on object: ObjectKind?) -> RouteAccess {
        RouteAccess(door: .byHandler, permission: permission, object: object)
    }

    /// Any credential with the permission.
    static func credential(_ permission: Permission, on object: ObjectKind?) -> RouteAccess {
        RouteAccess(door: .credential, permission: permission, object: object)
    }

    /// A user of a host application, with the permission if there is one; a route with one needs AI to be switched on.
    static func user(_ permission: Permission?, on object: ObjectKind?) -> RouteAccess {
        RouteAccess(door: .user, permission: permission, object: object)
    }

    /// A host application's backend.
    static func host(on object: ObjectKind?) -> RouteAccess {
        RouteAccess(door: .host, permission: nil, object: object)
    }

    /// A person who signed in, with the permission if there is one.
    static func signIn(_ permission: Permission?, on object: ObjectKind?) -> RouteAccess {
        RouteAccess(door: .signIn, permission: permission, object: object)
    }
}
