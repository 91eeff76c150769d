/// Environment variables that have a meaning for programs which nobody told to look at them.
public enum KnownVariables: Sendable {
    /// These change how things are shown, not what is run: commands that rules allow may have them.
    public static let harmless: Set<String> = [
        "LANG", "LC_ALL", "LC_COLLATE", "LC_MESSAGES", "LC_NUMERIC", "LC_TIME", "COLUMNS", "LINES",
        "NO_COLOR", "CLICOLOR", "TZ", "SYSTEMD_COLORS", "NCURSES_NO_UTF8_ACS",
    ]

    /// These decide which program, library, script or settings a plain command line uses.
    ///
    /// A name that ends with `*` stands for all that begin like it.
    public static let steering: [String] = [
        // bash(1); exported functions are `BASH_FUNC_…`.
        "PATH", "IFS", "ENV", "BASH_*", "SHELLOPTS", "BASHOPTS", "CDPATH", "GLOBIGNORE", "EXECIGNORE",
        "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS3", "PS4", "POSIXLY_CORRECT", "SHELL", "FCEDIT", "INPUTRC",
        "HISTFILE",
        // ld.so(8), environ(7), resolv.conf(5)
        "LD_*", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "NLSPATH", "TZDIR", "HOSTALIASES", "LOCALDOMAIN",
        "RES_OPTIONS", "HOME", "USER", "LOGNAME", "TMPDIR", "TERM", "TERMINFO", "TERMINFO_DIRS", "TERMCAP",
        "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_HOME", "XDG_DATA_DIRS", "XDG_RUNTIME_DIR",
        // What programs start.
        "PAGER", "MANPAGER", "SYSTEMD_PAGER", "SYSTEMD_PAGERSECURE", "SYSTEMD_LESS", "SYSTEMD_EDITOR", "LESS",
        "LESSOPEN", "LESSCLOSE", "LESSKEY", "LESSEDIT", "EDITOR", "VISUAL", "SUDO_EDITOR", "SUDO_ASKPASS",
        "SSH_ASKPASS", "BROWSER", "GIT_*", "RSYNC_RSH",
        // What is put before the arguments of programs, or names their settings.
        "TAR_OPTIONS", "GREP_OPTIONS", "GZIP", "XZ_OPT", "ZSTD_CLEVEL", "MAKEFLAGS", "MAKEFILES", "CURL_HOME",
        "WGETRC", "SYSTEM_WGETRC", "MYSQL_HOME", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES",
        // Interpreters.
        "PYTHON*", "PERL5*", "PERLLIB", "PERLIO", "RUBYOPT", "RUBYLIB", "RUBYPATH", "RUBYSHELL", "GEM_HOME",
        "GEM_PATH", "BUNDLE_GEMFILE", "NODE_OPTIONS", "NODE_PATH", "PHPRC", "PHP_INI_SCAN_DIR", "CLASSPATH",
        "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "LUA_PATH", "LUA_CPATH", "LUA_INIT",
        "AWKPATH", "AWKLIBPATH", "TCLLIBPATH",
        // Our own.
        "DECKHAND_*",
    ]

    /// Says whether ``steering`` has this name.
    public static func steers(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains(where: name.hasPrefix)
    }

    private static let names = Set(steering.filter { !$0.hasSuffix("*") })
    private static let prefixes = steering.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
}
