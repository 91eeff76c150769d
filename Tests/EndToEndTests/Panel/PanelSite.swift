import CLinux
import Core
import FoundationEssentials
import Testing

/// A faked panel: its tree, php-cli that serves its pages as some system user, and nginx with a certificate of its own in
/// front, on a port of its own.
final class PanelSite: Sendable {
    let folder: WorkFolder
    let port: UInt16
    private let processes: [ChildProcess]

    var origin: String { "https://localhost:\(port)" }

    /// Serves `pages`, a folder with PHP files, over HTTPS, as a system user (root if none is named), for somebody who is
    /// signed in to the panel; `more` goes into nginx's server block.
    init(
        _ folder: WorkFolder,
        port: UInt16,
        pages: String,
        user: String? = nil,
        signedIn: String? = nil,
        more: String = ""
    ) async throws {
        self.folder = folder
        self.port = port
        let php = try await Ports.shared.take()
        let work = try folder.makeDirectory("nginx-\(port)")
        let key = try await Self.certificate(in: folder)
        let temporaries = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(work)/\($0);"
        }.joined(separator: " ")
        let configuration = """
            daemon off;
            master_process off;
            pid \(work)/nginx.pid;
            error_log \(work)/error.log;
            events {}
            http {
                include /etc/nginx/mime.types;
                access_log \(work)/access.log;
                \(temporaries)
                gzip on;
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_certificate \(key.certificate);
                    ssl_certificate_key \(key.key);
                    \(more)
                    location / {
                        proxy_pass http://127.0.0.1:\(php);
                        proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-Proto $scheme;
                    }
                }
            }
            """
        try folder.write(configuration, to: "nginx-\(port)/nginx.conf")
        // Panels say who signed in as web servers do.
        try folder.write("<?php $_SERVER['REMOTE_USER'] = getenv('REMOTE_USER');", to: "prepend.php")
        var words = [
            "/usr/bin/php", "-d", "auto_prepend_file=\(folder.file("prepend.php"))", "-S", "127.0.0.1:\(php)",
            "-t", pages,
        ]
        if let user {
            words = ["/usr/bin/setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"] + words
        }
        let nginx = ["/usr/sbin/nginx", "-e", "\(work)/error.log", "-c", "\(work)/nginx.conf", "-p", work]
        processes = [
            try Self.start(words, folder, "php-\(port)", ["REMOTE_USER": signedIn ?? user ?? "root"]),
            try Self.start(nginx, folder, "nginx-\(port)", [:]),
        ]
        try await eventually("a panel that answers") { [processes, folder] in
            if processes.contains(where: { $0.ended != nil }) {
                let texts = ["nginx-\(port).err", "php-\(port).err"].map { Files.text(folder.file($0)) }
                throw TestTrouble("php or nginx ended: \(texts.joined())")
            }
            return [port, php].allSatisfy { (try? WireConnection(port: $0)) != nil }
        }
    }

    func end() async { for process in processes { await process.destroy() } }

    /// What nginx complains of.
    var errors: String { Files.text(folder.file("nginx-\(port)/error.log")) }

    /// A certificate of an authority of the test's own, for localhost; made once in a folder.
    static func certificate(in folder: WorkFolder) async throws -> (certificate: String, key: String) {
        let paths = (folder.file("site.pem"), folder.file("site.key"))
        guard !Files.exists(paths.0) else { return paths }
        let made = try await folder.shell(
            """
            set -e
            ec='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
            openssl req -x509 $ec -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
            openssl req -new $ec -subj /CN=localhost -keyout site.key -out site.csr
            echo subjectAltName=DNS:localhost > ext
            openssl x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out site.crt
            cat site.crt ca.pem > site.pem
            """
        )
        guard made.code == 0 else { throw TestTrouble(made.errors) }
        return paths
    }

    private static func start(
        _ words: [String],
        _ folder: WorkFolder,
        _ name: String,
        _ environment: [String: String]
    ) throws -> ChildProcess {
        try ChildProcess(
            words,
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin"].merging(environment) { $1 },
            directory: folder.path,
            standardOutput: folder.file("\(name).out"),
            standardError: folder.file("\(name).err")
        )
    }
}
