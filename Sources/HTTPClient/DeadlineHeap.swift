/// Something that has to be looked at when its time comes; one place in one ``DeadlineHeap``.
class Appointment {
    fileprivate(set) var time: ContinuousClock.Instant?
    fileprivate var place = 0
}

/// Appointments, of which the earliest is found at once: a binary heap whose members know their places.
///
/// Its size is the number of those that have a time, however often these change.
struct DeadlineHeap<Member: Appointment> {
    private var members: [Member] = []

    /// The earliest one.
    var first: Member? { members.first }
    var count: Int { members.count }

    /// Gives a member a time, another time, or none.
    mutating func schedule(_ member: Member, at time: ContinuousClock.Instant?) {
        switch (member.time, time) {
        case (nil, nil): return
        case (nil, .some):
            member.time = time
            member.place = members.count
            members.append(member)
            rise(from: member.place)
        case (.some, .some):
            member.time = time
            rise(from: member.place)
            sink(from: member.place)
        case (.some, nil):
            let place = member.place
            member.time = nil
            let last = members.removeLast()
            guard last !== member else { return }
            put(last, at: place)
            rise(from: place)
            sink(from: last.place)
        }
    }

    private mutating func put(_ member: Member, at place: Int) {
        members[place] = member
        member.place = place
    }

    private func isEarlier(_ one: Member, _ other: Member) -> Bool {
        guard let time = one.time, let otherTime = other.time else { return false }
        return time < otherTime
    }

    private mutating func rise(from start: Int) {
        var place = start
        let member = members[place]
        while place > 0, isEarlier(member, members[(place - 1) / 2]) {
            put(members[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        put(member, at: place)
    }

    private mutating func sink(from start: Int) {
        var place = start
        let member = members[place]
        while true {
            var child = place * 2 + 1
            guard child < members.count else { break }
            if child + 1 < members.count, isEarlier(members[child + 1], members[child]) { child += 1 }
            guard isEarlier(members[child], member) else { break }
            put(members[child], at: place)
            place = child
        }
        put(member, at: place)
    }
}
