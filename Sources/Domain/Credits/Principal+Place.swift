extension Principal {
    /// Where a user of a host application is at work, as far as the scope says: the brand if it is one, and the location
    /// if it is one; nil for everybody else.
    public var ownPlace: Place? {
        guard let scope else { return nil }
        let brand = scope.brands.count == 1 ? scope.brands.first : nil
        let location = scope.locations?.count == 1 ? scope.locations?.first : nil
        return Place(client: scope.client, brand: brand, location: brand == nil ? nil : location)
    }
}
