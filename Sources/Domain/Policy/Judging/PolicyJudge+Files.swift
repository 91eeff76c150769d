extension PolicyJudge {
    func directory(of command: ShellCommand, _ circumstances: Circumstances) -> String? {
        switch command.directory {
        case .initial: circumstances.workingDirectory
        case .path(let path): path
        case .unknown: nil
        }
    }

    func issue(with uses: [ProgramGrammar.Use], _ directory: String?) -> Outcome? {
        for use in uses {
            switch use.kind {
            case .text, .any, .word, .number, .words, .values: continue
            case .name:
                // What a name shows is no secret; our own data was looked at before.
                if use.word.kind == .pattern { continue }
            case .path, .tree:
                if let reason = objection(toReading: use.word, isTree: use.kind == .tree, directory) {
                    return .no(rule: "sensitive-path", reason: reason)
                }
            }
        }
        return nil
    }

    func objection(toReading word: ShellWord, isTree: Bool, _ directory: String?) -> String? {
        if word.text == "-" { return nil }
        guard let path = PolicyPath.absolute(word.text, in: directory) else {
            return "\(word.display) depends on the directory, which is not known here; name it from the root."
        }
        if word.kind == .pattern {
            if paths.canReach(path) { return "\(word.display) can stand for a file with secrets." }
            guard let names = world.matches(path) else { return "\(word.display) stands for too many files." }
            return names.lazy.compactMap { objection(toReading: $0, isTree: isTree) }.first
        }
        return objection(toReading: path, isTree: isTree)
    }

    private func objection(toReading path: String, isTree: Bool) -> String? {
        guard let real = world.realPath(path) else { return "It cannot be told which file \(path) is." }
        for form in [path, real] {
            guard paths.finding(form) == .nothing else {
                let way = form == path ? "" : " (it leads to \(form))"
                return "\(path) may contain secrets\(way)."
            }
            if isTree, !paths.isOpenTree(form) || !isOpenBelow(form) {
                return "Everything below \(form) would be read, which may contain secrets."
            }
        }
        return nil
    }

    /// Says whether no name below a directory is that of a secret, and none is hidden or too deep to be looked at.
    private func isOpenBelow(_ directory: String) -> Bool {
        var level = PolicyPath.tidied(directory)
        for _ in 0..<4 {
            guard let names = world.matches(level + "/*"), let hidden = world.matches(level + "/.*") else {
                return false
            }
            guard hidden.allSatisfy({ $0.hasSuffix("/.") || $0.hasSuffix("/..") }) else { return false }
            guard names.allSatisfy({ paths.finding($0) == .nothing }) else { return false }
            if names.isEmpty { return true }
            level += "/*"
        }
        return world.matches(level + "/*")?.isEmpty ?? false
    }

    /// Says whether a command names this installation's own data.
    ///
    /// What the arguments of an unknown command mean is not known, so that a mention is enough; a word that allow rules
    /// know to be no file, such as what grep looks for, may speak of it.
    func touchesOwnData(_ command: ShellCommand, in tree: ShellTree, _ circumstances: Circumstances) -> Bool {
        let directory = directory(of: command, circumstances)
        let values = command.assignments.compactMap(\.value)
        let targets = command.redirections.filter { $0.kind != .text }.map(\.target)
        if (values + targets).contains(where: { isOwn($0, directory) }) { return true }
        let texts = command.redirections.filter { $0.kind == .text }.map(\.target)
        guard (command.words + texts).contains(where: { isOwn($0, directory) }) else { return false }
        guard let name = command.words.first?.literal else { return true }
        let known = rules.allowing(Invocation.name(name)).filter { resolution(of: name, $0.match) == nil }
            .compactMap { $0.uses(in: command, of: tree) }
        return known.isEmpty
            || known.joined().contains { $0.kind.isFile && isOwn($0.word, directory) }
    }

    private func isOwn(_ word: ShellWord, _ directory: String?) -> Bool {
        if paths.mentionsOwn(word.text) { return true }
        guard !word.text.hasPrefix("/"), let path = PolicyPath.absolute(word.text, in: directory) else {
            return false
        }
        return paths.isOwn(path)
    }
}

extension ProgramGrammar.Kind {
    /// Whether it names something in the file system.
    var isFile: Bool {
        switch self {
        case .path, .name, .tree: true
        case .text, .any, .word, .number, .words, .values: false
        }
    }
}
