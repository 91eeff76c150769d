internal import CLinux

/// Says whether commands can run where nothing can be written.
public enum ReadOnlyProbe: Sendable {
    /// Asks the runner program, which tries it; may block for some milliseconds.
    ///
    /// Nil where it works, else a sentence.
    public static func problem(runnerPath: String) -> String? {
        var arguments = unsafe [strdup(runnerPath), strdup("--probe-read-only"), nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var environment: [UnsafeMutablePointer<CChar>?] = unsafe [nil]
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, runnerPath, nil, nil, &arguments, &environment)
        guard code == 0 else { return "The runner cannot be started." }
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0, dh_errno() == EINTR {}
        guard dh_wifexited(status) != 0 else { return "The runner did not say." }
        let error = dh_wexitstatus(status)
        guard error != 0 else { return nil }
        if error == EPERM { return "Only root can make a mount namespace without a user namespace." }
        return unsafe "A read-only mount namespace could not be made: \(String(cString: strerror(error)))."
    }
}
