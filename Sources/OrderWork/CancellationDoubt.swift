import Adapters
import Calls
import EventLoop
import Orders

extension ProviderClient {
  /// Why a line in the form of a cancellation is none: the panel says the same of a reference that nobody sent, as when
  /// it is under maintenance or words "not found" so. Nil when it is about this order.
  @LoopActor
  func doubtOfCancellation(
    reference: String, digits: Int, account: ProviderAccount
  ) async -> String? {
    var random = SystemRandomNumberGenerator()
    let invented = SendReference.make(digits: digits, using: &random)
    let (again, ours) = await compare(reference: reference, account: account)
    guard case .cancelled = again else { return "the provider said that it is cancelled, and then something else" }
    guard let ours, let theirs = await compare(reference: invented, account: account).1 else {
      return "a line in the form of a cancellation could not be compared with that for an invented reference"
    }
    return ours.raw == theirs.raw ? "the provider says of an invented reference too that it is cancelled" : nil
  }
}
