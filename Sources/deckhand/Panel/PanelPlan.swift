import Domain

/// Decides which changes of a panel's tree lead from what was found to what is wanted; touches nothing.
///
/// It looks at the tree first and at the record second, so that it does not matter what was done to the tree meanwhile: by a
/// run that was cut off, or by an update of the panel.
struct PanelPlan: Sendable {
    let design: PanelDesign
    let sight: PanelSight
    let record: PanelRecord?
    /// SHA-256 of bytes, in hexadecimal digits.
    let digest: @Sendable ([UInt8]) -> String

    // MARK: Putting it in

    /// The steps that put the assistant in, repair it, or bring it up to date; none when all is well.
    ///
    /// Throws `Failure`: `panel_file_exists`, `panel_page_missing`, `panel_original_missing`.
    func install(socket: String, server: String) throws(Failure) -> [PanelStep] {
        try refuseForeignFiles()
        var record = self.record ?? PanelRecord(state: .installing, socket: socket, server: server)
        record.state = .installing
        (record.socket, record.server, record.root) = (socket, server, design.root)
        let thaw = frozenPaths
        for path in thaw where !record.frozen.contains(path) { record.frozen.append(path) }
        var steps: [PanelStep] = []
        var missing: [String] = []
        for file in design.files {
            for path in folders(above: file.path).reversed()
            where sight[path] == nil && !missing.contains(path) {
                missing.append(path)
            }
            record.files[file.path] = digest(file.bytes)
        }
        for path in missing where !record.folders.contains(path) { record.folders.append(path) }
        steps += missing.map(PanelStep.makeFolder)
        for file in design.files where !isThere(file) {
            steps.append(.write(path: file.path, bytes: file.bytes, mode: file.mode, like: nil))
        }
        steps += try injectionSteps(&record)
        steps += registrationSteps(&record)
        let isDone = steps.isEmpty && self.record?.state == .installed && missingFreezes(record).isEmpty
        let isSame =
            self.record?.server == server && self.record?.socket == socket && self.record?.root == design.root
        guard !isDone || !isSame else { return [] }
        // What the panel was told of is remembered at the end.
        var before = record
        before.registered = self.record?.registered ?? ""
        record.state = .installed
        return [.note(before)] + thaw.map(PanelStep.thaw) + steps + record.frozen.map(PanelStep.freeze)
            + [.note(record)]
    }

    private func isThere(_ file: PanelFile) -> Bool {
        guard let found = sight[file.path] else { return false }
        return found.digest == digest(file.bytes) && found.mode == file.mode
    }

    /// Files of others in our places stay, and nothing is done at all.
    private func refuseForeignFiles() throws(Failure) {
        for file in design.files {
            guard let found = sight[file.path], record?.files[file.path] == nil else { continue }
            guard found.kind == .file, found.digest == digest(file.bytes) else {
                throw Self.exists(file.path)
            }
        }
        guard let injection = design.injection else { return }
        guard let page = sight[injection.index], page.kind == .file else {
            throw Failure(
                .conflict,
                code: "panel_page_missing",
                message: "\(injection.index) is not there, or is no ordinary file.",
                hint: "Repair the panel by its own means, then install again."
            )
        }
        if record == nil, !page.isMarked, sight[injection.second] != nil {
            throw Self.exists(injection.second)
        }
    }

    private static func exists(_ path: String) -> Failure {
        Failure(
            .conflict,
            code: "panel_file_exists",
            message: "\(path) is there already, and does not come from here.",
            hint: "If another assistant put it there, uninstall that one first; else move the file away."
        )
    }

    private func injectionSteps(_ record: inout PanelRecord) throws(Failure) -> [PanelStep] {
        guard let injection = design.injection, let page = sight[injection.index] else { return [] }
        if page.isMarked {
            var steps: [PanelStep] = []
            if sight[injection.second] == nil { steps.append(try restoreStep(to: injection.second)) }
            if page.digest != digest(injection.wrapper) {
                steps.append(
                    .write(
                        path: injection.index,
                        bytes: injection.wrapper,
                        mode: page.mode,
                        like: injection.index
                    )
                )
            }
            return steps
        }
        // The panel's own page: at the first time, after an update of the panel, or after a run that was cut off.
        if !record.originals.contains(page.digest) { record.originals.append(page.digest) }
        return [
            .keep(injection.index), .alias(injection.index, as: injection.second),
            .write(path: injection.index, bytes: injection.wrapper, mode: page.mode, like: injection.index),
        ]
    }

    private func restoreStep(to path: String) throws(Failure) -> PanelStep {
        guard let digest = record?.originals.last else {
            throw Failure(
                .conflict,
                code: "panel_original_missing",
                message: "The panel's own page is lost: \(path) is not there, and there is no backup.",
                hint: "Repair the panel by its own means, then install again."
            )
        }
        return .restore(digest: digest, to: path)
    }

    private func registrationSteps(_ record: inout PanelRecord) -> [PanelStep] {
        guard let registration = design.registration else { return [] }
        let known = design.files.map { digest($0.bytes) }.joined()
        let stamp = digest(Array(known.utf8))
        guard record.registered != stamp || sight[registration.witness] == nil else { return [] }
        record.registered = stamp
        return registration.install.map { .run($0, mustSucceed: true) }
    }

    // MARK: Taking it out

    /// The steps that leave the panel's tree as it was; none when there is nothing of ours.
    ///
    /// Throws `Failure` `panel_original_missing`.
    func uninstall() throws(Failure) -> [PanelStep] {
        let isMarked = design.injection.flatMap { sight[$0.index]?.isMarked } ?? false
        guard record != nil || isMarked else { return [] }
        var record = self.record ?? PanelRecord(state: .removing, socket: "", server: "")
        record.state = .removing
        let thaw = frozenPaths
        for path in thaw where !record.frozen.contains(path) { record.frozen.append(path) }
        var steps: [PanelStep] = [.note(record)] + thaw.map(PanelStep.thaw)
        if let registration = design.registration,
            !record.registered.isEmpty || sight[registration.witness] != nil
        {
            steps += registration.remove.map { .run($0, mustSucceed: false) }
        }
        if let injection = design.injection {
            steps +=
                [.tidy(injection.index), .tidy(injection.second)] + (try withdrawalSteps(injection, record))
        }
        for (path, digest) in record.files.sorted(by: { $0.key < $1.key }) {
            // What somebody wrote into a file of ours is theirs, and is kept as a backup.
            if let found = sight[path], found.kind == .file, found.digest != digest {
                steps.append(.keep(path))
            }
            steps.append(.remove(path))
        }
        steps += record.folders.reversed().map(PanelStep.removeFolder)
        return steps + record.frozen.map(PanelStep.freeze) + [.forget]
    }

    private func withdrawalSteps(
        _ injection: PanelInjection,
        _ record: PanelRecord
    ) throws(Failure) -> [PanelStep] {
        let second = sight[injection.second]
        guard let page = sight[injection.index], !page.isMarked else {
            if let second, second.kind == .file, !second.isMarked {
                return [.move(injection.second, onto: injection.index)]
            }
            return [try restoreStep(to: injection.index), .remove(injection.second)]
        }
        // The panel's own page is back already; the second is ours if it is one that we put there.
        guard let second, record.originals.contains(second.digest) || second.digest == page.digest else {
            return []
        }
        return [.remove(injection.second)]
    }

    // MARK: What cannot be changed

    /// All that has to be changed and cannot be now.
    private var frozenPaths: [String] {
        var paths = design.files.map(\.path) + (record.map { Array($0.files.keys) } ?? []).sorted()
        if let injection = design.injection { paths += [injection.index, injection.second] }
        paths += record?.folders ?? []
        var result: [String] = []
        for path in paths {
            // The file, and the folder that gets a new entry.
            let above = folders(above: path).first { sight[$0] != nil }
            for candidate in [path, above].compactMap(\.self)
            where sight[candidate]?.isFrozen == true && !result.contains(candidate) {
                result.append(candidate)
            }
        }
        return result
    }

    private func missingFreezes(_ record: PanelRecord) -> [String] {
        record.frozen.filter { sight[$0]?.isFrozen == false }
    }

    // MARK: How it stands

    /// What is wrong, in sentences; empty when all is well or nothing is there.
    var troubles: [String] {
        guard let record else { return [] }
        var result: [String] = []
        if record.state == .installing { result.append("An installation was cut off.") }
        if record.state == .removing { result.append("A removal was cut off: uninstall again.") }
        for file in design.files where !isThere(file) {
            result.append(
                "\(file.path) is \(sight[file.path] == nil ? "missing" : "not as it was put there")."
            )
        }
        if let injection = design.injection {
            switch sight[injection.index] {
            case nil: result.append("\(injection.index) is missing.")
            case let page? where !page.isMarked:
                result.append("\(injection.index) was overwritten, as by an update of the panel.")
            case let page? where page.digest != digest(injection.wrapper):
                result.append("\(injection.index) is not as it was put there.")
            default: break
            }
            if sight[injection.second] == nil { result.append("\(injection.second) is missing.") }
        }
        if let registration = design.registration, sight[registration.witness] == nil {
            result.append("The panel does not know of the assistant any more.")
        }
        return result
    }

    /// Every path that has to be looked at.
    static func paths(of design: PanelDesign, _ record: PanelRecord?) -> Set<String> {
        var paths = Set(design.files.map(\.path))
        if let record { paths.formUnion(record.files.keys) }
        if let record { paths.formUnion(record.folders) }
        if let injection = design.injection { paths.formUnion([injection.index, injection.second]) }
        if let registration = design.registration { paths.insert(registration.witness) }
        for path in paths { paths.formUnion(folders(above: path)) }
        return paths
    }
}
