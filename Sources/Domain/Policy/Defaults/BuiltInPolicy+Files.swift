extension BuiltInPolicy {
    /// Programs that show names and properties of files, and steps inside the shell that change nothing outside it.
    static let filesText = #"""
        [
          {
            id: "allow.ls", decision: "allow", program: ["ls", "vdir"],
            options: "-aAbBcCdfFgGhHiklLmnNopqQrRsStuUvxXZ1 -I:text -w:number -T:number --color[:auto|always|never] --all \#
        --almost-all --recursive --human-readable --inode --reverse --full-time --group-directories-first --time-style:any \#
        --sort:size|time|none|extension|version|width --time:atime|access|ctime|status|mtime|birth --directory --size --",
            operands: "name*",
            reason: "It lists directories.",
            matches: ["ls -la /etc", "ls", "ls -ltr /var/log/*.log", "ls --color=never --sort=size /tmp"],
            mustNotMatch: ["ls --dired=x", "ls --unknown"]
          },
          {
            id: "allow.tree", decision: "allow", program: "tree",
            options: "-adfilpsughDFQNrtUvxC -L:number -I:text -P:text --dirsfirst --du --noreport", operands: "name*",
            reason: "It lists directories.",
            matches: ["tree -L 2 /etc/nginx"],
            mustNotMatch: ["tree -o /etc/passwd", "tree -R -L 1 /", "tree --fromfile /etc/shadow"]
          },
          {
            id: "allow.find", decision: "allow", program: "find", style: "words",
            values: { types: ["[bcdpflsD]"], mode: { only: "-/01234567ugoarwxst=+," } },
            options: "-H -L -P -name:any -iname:any -path:any -ipath:any -wholename:any -regex:any -iregex:any \#
        -regextype:word -lname:any -ilname:any -type:<types,> -xtype:<types,> -size:number -empty -perm:<mode> -user:word \#
        -group:word -uid:number -gid:number -nouser -nogroup -links:number -inum:number -samefile:name -readable -writable \#
        -executable -maxdepth:number -mindepth:number -depth -xdev -mount -daystart -noleaf -follow -mtime:number \#
        -mmin:number -atime:number -amin:number -ctime:number -cmin:number -used:number -newer:name -anewer:name \#
        -cnewer:name -newermt:text -newerct:text -newerat:text -o -or -a -and -not -true -false -prune -quit -print \#
        -print0 -ls -printf:any -warn -nowarn",
            operands: "name*",
            reason: "It lists files that have certain properties.",
            matches: [
              "find /var/log -name '*.log' -size +100M", "find /etc -newermt 2024-01-01 -type f -ls", "find . -maxdepth 1",
              "find / -xdev \\( -perm -4000 -o -perm -2000 \\) -type f", "find /tmp ! -user root -mtime -1 -printf '%p\\n'"
            ],
            mustNotMatch: [
              "find / -delete", "find / -exec rm {} +", "find / -execdir id \\;", "find / -ok id \\;", "find / -okdir id \\;",
              "find / -fprint /etc/passwd", "find / -fprintf /etc/passwd x", "find / -fls /etc/passwd", "find / -fprint0 x",
              "find -files0-from /etc/shadow", "find -D exec /"
            ]
          },
          {
            id: "allow.stat", decision: "allow", program: "stat",
            options: "-Lft -c:any --format:any --printf:any --dereference --file-system --terse", operands: "name+",
            reason: "It shows the properties of files.",
            matches: ["stat /etc/passwd", "stat -c '%a %U' /etc/shadow"],
            mustNotMatch: ["stat", "stat --unknown /"]
          },
          {
            id: "allow.file", decision: "allow", program: "file",
            options: "-bhiLkNr0 --mime --mime-type --mime-encoding --brief --dereference --", operands: "path+",
            reason: "It tells the types of files.",
            matches: ["file /usr/bin/ls", "file -bi /etc/hosts"],
            mustNotMatch: ["file -f /etc/shadow", "file -C -m /tmp/x", "file -z /tmp/x", "file -m /tmp/x y"]
          },
          {
            id: "allow.disk-usage", decision: "allow", program: "du",
            options: "-abchkmsxSDHLPl0 -d:number -t:number -B:word --max-depth:number --exclude:any --apparent-size --summarize \#
        --human-readable --total --si --inodes --one-file-system --time --threshold:number --block-size:word",
            operands: "name*",
            reason: "It shows how much space directories take.",
            matches: ["du -sh /var/log /home/*", "du -h --max-depth=1 /var", "du -xd1 /"],
            mustNotMatch: ["du --files0-from=/etc/shadow", "du -X /etc/shadow"]
          },
          {
            id: "allow.disk-free", decision: "allow", program: "df",
            options: "-ahHiklmPT -t:word -x:word -B:word --output --total --si --local --human-readable --inodes --print-type",
            operands: "name*",
            reason: "It shows how full file systems are.",
            matches: ["df -h", "df -i /var", "df -hT -x tmpfs"],
            mustNotMatch: ["df --sync x"]
          },
          {
            id: "allow.resolve-path", decision: "allow", program: ["readlink", "realpath"],
            options: "-femnqsLPz", operands: "name+",
            reason: "It shows where links lead.",
            matches: ["readlink -f /etc/alternatives/php", "realpath /var/run"],
            mustNotMatch: ["readlink --unknown x"]
          },
          {
            id: "allow.path-parts", decision: "allow", program: ["basename", "dirname"], operands: "text text?",
            reason: "It shows a part of a path.",
            matches: ["basename /etc/hosts", "dirname /etc/hosts"],
            mustNotMatch: ["basename"]
          },
          {
            id: "allow.permissions", decision: "allow", program: ["namei", "lsattr", "getfacl"],
            options: "-lmovxadpRLPcn", operands: "name*",
            reason: "It shows who may use files.",
            matches: ["namei -l /var/www/html/index.php", "getfacl /home/a", "lsattr -d /etc"],
            mustNotMatch: ["getfacl --restore=x"]
          },
          {
            id: "allow.which", decision: "allow", program: ["which", "whereis", "type"], targets: ["which.debianutils"],
            options: "-abmsptP", operands: "word+",
            reason: "It shows where programs are.",
            matches: ["which php", "type -a ls", "whereis nginx"],
            mustNotMatch: ["which", "whereis -B /tmp -f x"]
          },
          {
            id: "allow.command-v", decision: "allow", program: "command", flags: ["-v -V"], options: "-vV", operands: "word+",
            reason: "It shows where programs are.",
            matches: ["command -v nginx httpd"],
            mustNotMatch: ["command ls", "command -p ls", "command -pv ls"]
          },
          {
            id: "allow.change-directory", decision: "allow", program: "cd", options: "-LP --", operands: "name",
            reason: "It changes the directory for the rest of the command.",
            matches: ["cd /var/log", "cd -P /etc/nginx"],
            mustNotMatch: ["cd", "cd /a /b"]
          },
          {
            id: "allow.directory", decision: "allow", program: "pwd", options: "-LP",
            reason: "It shows the directory.",
            matches: ["pwd"],
            mustNotMatch: ["pwd x"]
          },
          {
            id: "allow.test", decision: "allow", program: ["test", "["], style: "words",
            options: "-e:name -f:name -d:name -L:name -h:name -s:name -r:name -w:name -x:name -S:name -p:name -b:name -c:name",
            operands: ["=!? =]?"],
            reason: "It looks whether a file is there.",
            matches: ["test -f /etc/nginx/nginx.conf", "[ -d /usr/local/cwp ]", "[ ! -e /etc/hosts ]"],
            mustNotMatch: ["test -v 'a[$(id)]'", "[ -R x ]", "[ a -eq b ]"]
          },
          {
            id: "allow.nothing", decision: "allow", program: ["true", "false", ":"],
            reason: "It does nothing.", operands: "",
            matches: ["true", "false", ":"],
            mustNotMatch: ["true x"]
          },
          {
            id: "allow.exit", decision: "allow", program: "exit", operands: "number?",
            reason: "It ends the command.",
            matches: ["exit", "exit 0"],
            mustNotMatch: ["exit now"]
          },
          {
            id: "allow.sleep", decision: "allow", program: "sleep", operands: "number",
            reason: "It waits.",
            matches: ["sleep 2", "sleep 0.5s"],
            mustNotMatch: ["sleep"]
          },
          {
            id: "allow.strict-shell", decision: "allow", program: "set", options: "-eu -o:pipefail|errexit|nounset",
            reason: "It makes the shell stop at errors.",
            matches: ["set -e", "set -euo pipefail"],
            mustNotMatch: ["set -x", "set -- a", "set +e", "set -o history", "set -a", "set a"]
          },
          {
            id: "allow.limits", decision: "allow", program: ["ulimit", "umask"], args: [],
            reason: "It shows limits of the shell.",
            matches: ["umask", "ulimit"],
            mustNotMatch: ["umask 0", "ulimit -n 5"]
          },
          {
            id: "allow.all-limits", decision: "allow", program: "ulimit", args: ["-a"],
            reason: "It shows limits of the shell.",
            matches: ["ulimit -a"],
            mustNotMatch: ["ulimit -a 5"]
          }
        ]
        """#
}
