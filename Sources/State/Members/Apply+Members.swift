internal import Bytes
internal import Events
internal import Keys
internal import Policy

extension LedgerState {
    mutating func enrol(_ enrolment: Enrolment, key: PublicKey, at position: UInt64) {
        members[enrolment.member] = Member(
            name: enrolment.member, roles: enrolment.roles, key: enrolment.key,
            status: .awaitingAcceptance, person: enrolment.person, since: position)
        authors[enrolment.key] = Author(
            member: enrolment.member, key: key, status: .awaitingAcceptance, nextSequence: 0,
            seenSize: 0)
    }

    mutating func applyMembership(of name: MemberName) {
        guard let key = members[name]?.key else { return }
        members[name]?.status = .active
        authors[key]?.status = .inForce
        isFounded = isFounded || !members.values.contains { $0.status == .awaitingAcceptance }
        updateRoster()
    }

    mutating func rotate(_ name: MemberName, to id: KeyID) {
        guard let member = members[name], let key = PublicKey(id) else { return }
        authors[member.key]?.status = .retired
        authors[id] = Author(
            member: name, key: key, status: .awaitingAcceptance, nextSequence: 0, seenSize: 0)
        members[name]?.key = id
        members[name]?.status = .awaitingAcceptance
        updateRoster()
    }

    mutating func updateRoster() {
        roster = Roster()
        for member in members.values where member.status == .active {
            roster.roles[member.name] = Set(member.roles)
        }
    }
}

extension Author {
    /// Counts an event of the key and returns the member whose it is.
    mutating func count(_ event: Event) -> MemberName {
        nextSequence += 1
        seenSize = event.seen.size
        return member
    }
}

extension Member {
    mutating func count(hour: UInt64, day: UInt64, blobBytes: UInt64) {
        if self.hour != hour {
            self.hour = hour
            eventsInHour = 0
        }
        eventsInHour += 1
        if self.day != day {
            self.day = day
            blobBytesInDay = 0
        }
        blobBytesInDay += blobBytes
    }
}
