// The program of `ops/fuzz`: libFuzzer around one target. Built with its instrumentation only, so no part of other builds.

/// libFuzzer's own main without its choice of target.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

nonisolated(unsafe) var target: @Sendable ([UInt8]) -> Void = { _ in }

/// Has the name that libFuzzer's own main asks for: lld links that too, though this program has its own.
@_cdecl("LLVMFuzzerTestOneInput")
func runTarget(_ bytes: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  target(Array(UnsafeBufferPointer(start: bytes, count: size)))
  return 0
}

guard CommandLine.argc > 1, let chosen = FuzzTargets.all[CommandLine.arguments[1]] else {
  print("usage: fuzz \(FuzzTargets.all.keys.sorted().joined(separator: "|")) [CORPUS…] [-flags of libFuzzer]")
  fatalError("no such target")
}
target = chosen
// The target's name takes the place of the program's.
var count = CommandLine.argc - 1
var arguments = CommandLine.unsafeArgv + 1
let code = runFuzzer(&count, &arguments, runTarget)
if code != 0 { fatalError("libFuzzer ended with \(code)") }
