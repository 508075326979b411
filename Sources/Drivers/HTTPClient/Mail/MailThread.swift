import Glibc

/// A message and who waits for what becomes of it, on a thread that ends with that.
final class MailThread: Sendable {
  private let transfer: MailTransfer
  private let continuation: CheckedContinuation<MailResult, Never>

  init(_ transfer: MailTransfer, _ continuation: CheckedContinuation<MailResult, Never>) {
    (self.transfer, self.continuation) = (transfer, continuation)
  }

  func start() {
    let this = Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    if pthread_create(&thread, nil, runMailThread, this) == 0 {
      pthread_detach(thread)
    } else {
      Unmanaged<MailThread>.fromOpaque(this).release()
      continuation.resume(returning: .unsent("there is no thread for it"))
    }
  }

  fileprivate func run() { continuation.resume(returning: transfer.perform()) }
}

private func runMailThread(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let raw { Unmanaged<MailThread>.fromOpaque(raw).takeRetainedValue().run() }
  return nil
}
