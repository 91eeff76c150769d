internal import CLinux

exit(Program.main(Array(CommandLine.arguments.dropFirst())))
