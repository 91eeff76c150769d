internal import CLinux

exit(await Program.run(Array(CommandLine.arguments.dropFirst())))
