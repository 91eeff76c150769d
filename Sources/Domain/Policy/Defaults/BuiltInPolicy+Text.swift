extension BuiltInPolicy {
    /// Programs that show text, of files or from a pipe, and write nothing but their output.
    static let textText = #"""
        [
          {
            id: "allow.cat", decision: "allow", program: "cat",
            options: "-AbeEnstTuv --number --number-nonblank --show-all --squeeze-blank --", operands: "path*",
            reason: "It shows files.",
            matches: ["cat /etc/os-release", "cat -n /var/log/messages /etc/hosts", "cat"],
            mustNotMatch: ["cat --write x"]
          },
          {
            id: "allow.tac", decision: "allow", program: ["tac", "rev"], operands: "path*",
            reason: "It shows files in another order.",
            matches: ["tac /var/log/messages", "rev"],
            mustNotMatch: ["tac -s x /var/log/messages"]
          },
          {
            id: "allow.head", decision: "allow", program: "head",
            options: "-n:number -c:number -qvz -# --lines:number --bytes:number --quiet --verbose --", operands: "path*",
            reason: "It shows the beginning of files.",
            matches: ["head -20 /var/log/messages", "head -n 5 /etc/hosts", "head -c100", "head --lines=3 /etc/hosts"],
            mustNotMatch: ["head -x /etc/hosts"]
          },
          {
            id: "allow.tail", decision: "allow", program: "tail",
            options: "-n:number -c:number -qvzfF -# -s:number --lines:number --bytes:number --follow --retry --pid:number --",
            operands: "path*",
            reason: "It shows the end of files.",
            matches: ["tail -50 /var/log/nginx/error.log", "tail -n +5", "tail -fn 20 /var/log/maillog"],
            mustNotMatch: ["tail --output=x /var/log/messages"]
          },
          {
            id: "allow.wc", decision: "allow", program: "wc",
            options: "-clmLw --lines --bytes --words --chars --max-line-length --", operands: "path*",
            reason: "It counts.",
            matches: ["wc -l", "wc -lc /var/log/messages"],
            mustNotMatch: ["wc --files0-from=/tmp/list"]
          },
          {
            id: "allow.grep", decision: "allow", program: ["grep", "egrep", "fgrep"],
            options: "-cEFGHhIilLnoPqsTvwxyZaz -A:number -B:number -C:number -m:number -# --color[:auto|always|never] \#
        --colour[:auto|always|never] --count --ignore-case --invert-match --only-matching --line-number --no-filename \#
        --with-filename --extended-regexp --fixed-strings --perl-regexp --word-regexp --line-regexp --text --quiet \#
        --files-with-matches --max-count:number --after-context:number --before-context:number --context:number \#
        --no-messages --line-buffered --",
            operands: "text path*",
            reason: "It looks for a text in files.",
            matches: ["grep -i error /var/log/nginx/error.log", "grep -c x", "grep -A3 -- -x /etc/hosts", "egrep 'a|b' /etc/hosts"],
            mustNotMatch: ["grep -f /etc/shadow x", "grep -r x /etc", "grep -R x /var/log", "grep", "grep --file=x y"]
          },
          {
            id: "allow.grep-expressions", decision: "allow", program: ["grep", "egrep", "fgrep"], flags: ["-e --regexp"],
            options: "-cEFGHhIilLnoPqsTvwxyZaz -e:any --regexp:any -A:number -B:number -C:number -m:number \#
        --color[:auto|always|never] --ignore-case --invert-match --line-number --",
            operands: "path*",
            reason: "It looks for texts in files.",
            matches: ["grep -e warn -e error /var/log/messages", "grep -ie -x"],
            mustNotMatch: ["grep warn /var/log/messages", "grep -e x -f y", "grep -re x /etc"]
          },
          {
            id: "allow.grep-tree", decision: "allow", program: ["grep", "egrep", "fgrep"], flags: ["-r --recursive"],
            options: "-rcEFGHhIilLnoPqsTvwxa --recursive -A:number -B:number -C:number -m:number --include:any --exclude:any \#
        --exclude-dir:any --color[:auto|always|never] --ignore-case --line-number --files-with-matches --",
            operands: "text tree+",
            reason: "It looks for a text in all files of a directory.",
            matches: ["grep -rn server_name /etc/nginx", "grep -ril error /var/log/nginx --include='*.log'"],
            mustNotMatch: ["grep -R x /var/log", "grep -r x", "grep x /etc/hosts", "grep -rf /etc/shadow /etc/nginx"]
          },
          {
            id: "allow.zgrep", decision: "allow", program: ["zgrep", "zegrep", "zfgrep"],
            options: "-cEFHhilLnovwx -A:number -B:number -C:number -m:number", operands: "text path+",
            reason: "It looks for a text in packed files.",
            matches: ["zgrep -i error /var/log/nginx/error.log.2.gz"],
            mustNotMatch: ["zgrep -f x y", "zgrep -e x y z", "zgrep -r x /etc"]
          },
          {
            id: "allow.unpack", decision: "allow", program: ["zcat", "bzcat", "xzcat", "zstdcat"],
            targets: ["gzip", "bzip2", "xz", "zstd"], operands: "path+",
            reason: "It shows packed files.",
            matches: ["zcat /var/log/messages.2.gz", "xzcat /var/log/a.xz"],
            mustNotMatch: ["zcat", "xzcat -k x"]
          },
          {
            id: "allow.sort", decision: "allow", program: "sort",
            options: "-bcdfghiMnRrsuVzC -k:text -t:any --reverse --unique --numeric-sort --human-numeric-sort --version-sort \#
        --key:text --field-separator:any --",
            operands: "path*",
            reason: "It sorts lines.",
            matches: ["sort -rn", "sort -k2,2 -t: /etc/passwd", "sort -u --key=3"],
            mustNotMatch: ["sort -o /etc/passwd", "sort -uo x y", "sort --compress-program=sh", "sort -T /tmp", "sort --files0-from=x"]
          },
          {
            id: "allow.uniq", decision: "allow", program: "uniq",
            options: "-cdDiuz -f:number -s:number -w:number --count --repeated --unique", operands: "path?",
            reason: "It joins equal lines.",
            matches: ["uniq -c", "uniq /etc/hosts"],
            mustNotMatch: ["uniq /etc/hosts /etc/passwd"]
          },
          {
            id: "allow.cut", decision: "allow", program: "cut",
            options: "-nsz -b:any -c:any -d:any -f:any --bytes:any --characters:any --delimiter:any --fields:any \#
        --output-delimiter:any --only-delimited --complement --",
            operands: "path*",
            reason: "It shows parts of lines.",
            matches: ["cut -d: -f1 /etc/passwd", "cut -c -80", "cut -d ' ' -f 1,3"],
            mustNotMatch: ["cut -o x"]
          },
          {
            id: "allow.tr", decision: "allow", program: "tr", options: "-cCdst --delete --squeeze-repeats --complement --",
            operands: "text text?",
            reason: "It replaces characters.",
            matches: ["tr a-z A-Z", "tr -d '\\n'", "tr '\\0' '\\n'"],
            mustNotMatch: ["tr", "tr a b c"]
          },
          {
            id: "allow.layout", decision: "allow", program: ["column", "paste", "fold", "fmt", "expand", "nl", "pr"],
            values: { widths: { only: "0123456789" } },
            options: "-t -w:<widths>", operands: "path*",
            reason: "It lays out lines.",
            matches: ["column -t", "fold -w 80 /etc/hosts", "nl /etc/hosts"],
            mustNotMatch: ["column --json x", "paste -d x y"]
          },
          {
            id: "allow.column-separator", decision: "allow", program: ["column", "paste"], options: "-t -s:any",
            reason: "It lays out lines.",
            matches: ["column -ts:", "column -t -s ,"],
            mustNotMatch: ["column -t /etc/hosts"]
          },
          {
            id: "allow.compare", decision: "allow", program: ["diff", "cmp", "comm"],
            options: "-uqsbBwiE123 -U:number --brief --side-by-side --color[:auto|always|never]", operands: "path path",
            reason: "It compares two files.",
            matches: ["diff -u /etc/hosts /etc/hostname", "cmp -s /etc/hosts /etc/hostname", "comm -12 /etc/hosts /etc/hostname"],
            mustNotMatch: ["diff -r /etc /usr/etc", "diff --from-file=/etc/shadow x"]
          },
          {
            id: "allow.dump", decision: "allow", program: ["hexdump", "strings", "hd"],
            options: "-C -n:number -s:number -v -a", operands: "path?",
            reason: "It shows the bytes of a file.",
            matches: ["hexdump -C -n 64 /etc/hosts", "strings -n 8 /usr/bin/ls"],
            mustNotMatch: ["hexdump -f x y", "strings @/etc/shadow /etc/hosts"]
          },
          {
            id: "allow.octal-dump", decision: "allow", program: "od", options: "-A:word -t:word -N:number -j:number -cbxv",
            operands: "path?",
            reason: "It shows the bytes of a file.",
            matches: ["od -A x -t x1z", "od -c /etc/hosts"],
            mustNotMatch: ["od -f /etc/hosts"]
          },
          {
            // It knows no letters behind one another: the second of -pl would be a file to write to.
            id: "allow.xxd", decision: "allow", program: "xxd", style: "words",
            options: "-l:number -s:number -g:number -c:number -p -u", operands: "path?",
            reason: "It shows the bytes of a file.",
            matches: ["xxd -l 32 /etc/hosts", "xxd -p"],
            mustNotMatch: ["xxd -r /tmp/a /etc/passwd", "xxd /tmp/a /tmp/b", "xxd -pl 32 /etc/hosts"]
          },
          {
            id: "allow.checksum", decision: "allow",
            program: ["md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum", "b2sum", "sum"], operands: "path+",
            reason: "It computes checksums.",
            matches: ["sha256sum /usr/bin/ls"],
            mustNotMatch: ["md5sum -c /tmp/list", "sha256sum --check x"]
          },
          {
            id: "allow.sed-lines", decision: "allow", program: "sed",
            values: { lines: { only: "0123456789,$pdq;!~+=" } },
            options: "-nsuEz --quiet --silent", operands: ["<lines> path*"],
            reason: "It shows lines by their numbers.",
            matches: ["sed -n 10,20p /etc/hosts", "sed -n '$p'", "sed 5q /etc/hosts"],
            mustNotMatch: ["sed -i 1d /etc/hosts", "sed -n 'w /etc/passwd'", "sed '1e id'", "sed -n '/root/p' /etc/passwd", "sed 's/a/b/'"]
          },
          {
            id: "allow.awk-fields", decision: "allow", program: ["awk", "gawk", "mawk"],
            targets: ["gawk", "mawk", "original-awk", "nawk"],
            values: { fields: { only: "print $0123456789,;NFRS{}()=<!&+-*" } },
            options: "-F:any", operands: "<fields> path*",
            reason: "It shows columns of lines.",
            matches: ["awk '{print $1}'", "awk -F: '{ print $1, $NF }' /etc/passwd", "awk 'NR==1' /etc/hosts"],
            mustNotMatch: [
              "awk '{system($1)}'", "awk '{print > \"/etc/passwd\"}'", "awk '{print | \"sh\"}'", "awk -f /tmp/x",
              "gawk -i inplace '{print}' /etc/hosts", "awk -v x=1 '{print $1}'"
            ]
          },
          {
            id: "allow.jq-format", decision: "allow", program: "jq", options: "-cerMSC", operands: ["=. path*"],
            reason: "It lays out JSON.",
            matches: ["jq .", "jq -r . /etc/docker.json"],
            mustNotMatch: ["jq env", "jq -n '$ENV'", "jq -f x ."]
          },
          {
            id: "allow.base64", decision: "allow", program: "base64", options: "-di -w:number --decode", operands: "path?",
            reason: "It changes how bytes are written.",
            matches: ["base64 -d", "base64 -w0 /etc/hosts"],
            mustNotMatch: ["base64 -o x"]
          },
          {
            id: "allow.echo", decision: "allow", program: "echo", style: "plain", operands: "any*",
            reason: "It shows a text.",
            matches: ["echo '--- disks ---'", "echo -n hello", "echo"],
            mustNotMatch: ["echo $HOME"]
          },
          {
            id: "allow.printf", decision: "allow", program: "printf", style: "plain",
            values: { format: ["[!-]*"] }, operands: "<format> any*",
            reason: "It shows a text.",
            matches: ["printf '%s\\n' -a", "printf hello"],
            mustNotMatch: ["printf -v PATH x", "printf"]
          }
        ]
        """#
}
