import Core
import Domain
import Testing

@Suite("What artifacts are")
struct ArtifactTests {
    @Test(
        "a format is one of the list, whatever parameters stand behind it, and none of them runs in a browser"
    )
    func formats() {
        #expect(ArtifactFormat(mediaType: " Text/CSV; charset=utf-8") == .csv)
        for other in [
            "text/html", "image/svg+xml", "application/javascript", "application/xhtml+xml", "", "csv",
        ] {
            #expect(ArtifactFormat(mediaType: other) == nil, "\(other)")
        }
        let endings = ArtifactFormat.allCases.map(\.fileEnding)
        #expect(Set(endings).count == endings.count)
        #expect(ArtifactFormat.allCases.filter(\.isPicture) == [.png, .jpeg, .gif, .webp])
        #expect(ArtifactFormat.texts.allSatisfy { !$0.isPicture })
    }

    @Test("bytes that are something else than they are said to be are noticed")
    func contents() {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1]
        #expect(ArtifactFormat.png.describes(png))
        #expect(!ArtifactFormat.jpeg.describes(png) && !ArtifactFormat.pdf.describes(png))
        #expect(!ArtifactFormat.png.describes(Array("<svg onload=…>".utf8)))
        #expect(!ArtifactFormat.plainText.describes([0xFF]) && !ArtifactFormat.csv.describes([65, 0]))
        #expect(
            ArtifactFormat.json.describes(Array("{}".utf8)) && !ArtifactFormat.json.describes(Array("{".utf8))
        )
        #expect(ArtifactFormat.webp.describes(Array("RIFF1234WEBPx".utf8)))
    }

    @Test("a title is one visible line")
    func titles() throws {
        #expect(try ArtifactTitle("  Jobs of March\n").rawValue == "Jobs of March")
        for bad in [
            "", " \n ", "a\nb", "a\u{0}b", "a\u{202E}fdp.exe", "a\u{2028}b",
            String(repeating: "x", count: 201),
        ] {
            #expect(throws: Failure.self, "\(bad.debugDescription)") { try ArtifactTitle(bad) }
        }
    }

    @Test(
        "a file's name is made of the title, cannot leave its folder, and ends as its format does",
        arguments: [
            ("Jobs of March", "Jobs of March.csv"), ("jobs.csv", "jobs.csv"), ("JOBS.CSV", "JOBS.csv"),
            ("../../etc/passwd", "-..-etc-passwd.csv"), ("C:\\x|y", "C--x-y.csv"),
            (".htaccess", "htaccess.csv"),
            ("...", "file.csv"), ("Zürich 日本", "Zürich 日本.csv"), ("a%2e\"b", "a-2e-b.csv"),
        ]
    )
    func names(_ title: String, _ name: String) throws {
        #expect(try ArtifactTitle(title).fileName(.csv) == name)
    }

    @Test("long names are cut between characters")
    func longNames() throws {
        let name = try ArtifactTitle(String(repeating: "ä", count: 100)).fileName(.pdf)
        #expect(name.utf8.count == 124 && name.hasSuffix("ä.pdf"))
    }

    @Test("a digest is 64 lower-case digits or 32 bytes")
    func digests() throws {
        let digest = try #require(ArtifactDigest(Array(0..<32)))
        #expect(ArtifactDigest(hex: digest.hex) == digest)
        #expect(ArtifactDigest([1]) == nil)
        for bad in ["", digest.hex.uppercased(), digest.hex + "00", "../" + digest.hex.dropFirst(3)] {
            #expect(ArtifactDigest(hex: bad) == nil, "\(bad)")
        }
    }

    @Test("a quota says which limit is reached, and takes what just fits")
    func quota() throws {
        let quota = ArtifactQuota(bytesOfOwner: 100, countOfOwner: 3, bytesOfClient: 150)
        try quota.admit(10, beside: ArtifactUsage(count: 2, bytes: 90, bytesOfClient: 140))
        let over = [
            ArtifactUsage(count: 3, bytes: 0, bytesOfClient: 0),
            ArtifactUsage(count: 0, bytes: 91, bytesOfClient: 91),
            ArtifactUsage(count: 0, bytes: 0, bytesOfClient: 141),
        ]
        var messages: Set<String> = []
        for usage in over {
            let failure = #expect(throws: Failure.self) { try quota.admit(10, beside: usage) }
            #expect(failure?.code == "artifact_quota_reached" && failure?.hint != nil)
            messages.insert(failure?.message ?? "")
        }
        #expect(messages.count == 3)
    }
}
