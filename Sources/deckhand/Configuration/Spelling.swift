/// Finds what somebody may have meant.
enum Spelling {
    /// The candidate with the fewest insertions, removals and changes of letters; nil when all are far.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let near = candidates.map { (distance: distance(word, $0), text: $0) }.min {
            $0.distance < $1.distance
        }
        guard let near, near.distance <= max(1, word.count / 4) else { return nil }
        return near.text
    }

    /// The Levenshtein distance.
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let next = min(row[column] + 1, row[column + 1] + 1, diagonal + (letter == other ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = next
            }
        }
        return row[right.count]
    }
}
