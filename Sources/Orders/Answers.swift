/// What an answer to a send proves.
public enum SendOutcome: Sendable, Equatable {
  /// The provider has the order.
  case accepted(Receipt)
  /// The provider has the order and delivers at once; the PIN is nil when the product has none. `note` is its free text.
  /// How far that is believed is the provider's ``ProviderFacts/deliveryTrust``.
  case delivered(Pin?, note: String, Receipt)
  /// The provider says that it did nothing. Not believed before a question bears it out: the panel may have booked a first
  /// copy of the request, and answer so to the one that a proxy repeated.
  case refused(String)
  /// The provider says that the account can't be served: login, address, permission, or no money (`isBalance`). That is
  /// the provider's state and not the order's; like ``refused(_:)`` it is believed only when a question bears it out.
  case accountTrouble(String, isBalance: Bool)
  /// The request provably never reached the provider: no name, no connection, no TLS.
  case notSent(String)
  /// Everything else: the provider may or may not have the order.
  case unknown(String)
}

/// What a provider says of an order that it took, as far as it says so.
public struct Receipt: Sendable, Equatable {
  public var cost: Money?
  /// What is left on the account.
  public var balance: Money?
  /// The provider's own name for the order, beside our reference.
  public var providerID: String?

  public init(cost: Money? = nil, balance: Money? = nil, providerID: String? = nil) {
    self.cost = cost
    self.balance = balance
    self.providerID = providerID
  }

  /// Most bytes of the provider's own name for an order that is kept.
  public static let providerIDBytesMax = 200

  /// ``providerID`` as it can be kept and shown; nil where it is too long to be a name, or no text.
  public var providerOrderID: String? {
    guard let providerID, (1...Self.providerIDBytesMax).contains(providerID.utf8.count),
      !providerID.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
    else { return nil }
    return providerID
  }
}

extension SendOutcome {
  /// What came with an order that was taken; nil for any other.
  public var receipt: Receipt? {
    switch self {
    case .accepted(let receipt), .delivered(_, _, let receipt): receipt
    case .refused, .accountTrouble, .notSent, .unknown: nil
    }
  }

  /// For a product that is a code: a delivery without one is only an acceptance. See ``Pin/isPlausible``.
  public var demandingPin: SendOutcome {
    guard case .delivered(let pin, _, let receipt) = self, pin?.isPlausible != true else { return self }
    return .accepted(receipt)
  }
}

/// What an answer to a question about a reference proves. "Not found" and "the question failed" are never merged.
public enum QueryOutcome: Sendable, Equatable {
  /// The provider has the order and is working on it.
  case waiting(String)
  /// Delivered; the PIN is nil when the product has none (a direct top-up). `note` is the provider's free text.
  case completed(Pin?, note: String)
  /// The provider cancelled the order.
  case cancelled(String)
  /// The provider says it does not know the reference. How far that is trusted is the provider's setting.
  case notFound(String)
  /// The question itself failed (login, permission, network): says nothing about the order.
  case queryFailed(String)
  /// An answer nobody has described yet: says nothing about the order.
  case unintelligible(String)
}

extension QueryOutcome {
  /// For a product that is a code: a completion without one is not believed, and asked about again. See ``Pin/isPlausible``.
  public var demandingPin: QueryOutcome {
    guard case .completed(let pin, _) = self, pin?.isPlausible != true else { return self }
    return .waiting(
      pin == nil
        ? "completed, but without the PIN that this product has"
        : "completed, but what stands in the PIN's place is no code")
  }
}

/// What a probe of the provider's account found.
public enum ProbeOutcome: Sendable, Equatable {
  /// Login, address and permission work right now. The balance is nil when it reads in two ways or is no amount.
  case working(balance: Money?)
  /// They don't, or the answer made no sense; the text says what was seen.
  case notWorking(String)
}

/// How far a provider's "not found" is to be trusted.
public enum NotFoundTrust: Sendable, Equatable {
  /// Its "not found" is undocumented, or has been seen for orders it had.
  case never
  /// The control question is trusted once this long has passed since the send ended.
  case after(Duration)
}

/// How far a delivery in the answer to the send is to be trusted.
public enum DeliveryTrust: Sendable, Equatable {
  /// Like any other line: not before an answer to a question says the same, seconds later. See ``Proof``.
  case whenRepeated
  /// By itself: the provider's documents rule out that the answer is another order's, as where it repeats and signs our
  /// reference.
  case byItself
}

/// Whether the same order may be handed over again under the same reference.
public enum ResendSafety: String, Sendable, CaseIterable {
  /// It is never booked twice.
  case yes
  /// Not when the first has surely ended before the second begins; of two at once nothing is known.
  case sequential
  /// It is booked twice.
  case no
  /// Nobody has described it.
  case unknown
}

/// The facts about a provider's API that decide what may be done when its answer is lost.
public struct ProviderFacts: Sendable {
  public var notFound: NotFoundTrust
  public var deliveryTrust: DeliveryTrust
  /// See ``SameReference``.
  public var resendSafe: ResendSafety
  /// Most references in one question.
  public var queryBatch: Int
  /// Digits in a reference.
  public var referenceDigits: Int
  /// Most units in one call.
  public var quantityMax: Int
  /// The names of the parameters that a route must fill.
  public var requiredParameters: [String]
  /// Which a route may fill beside those.
  public var otherParameters: OtherParameters

  public enum OtherParameters: Sendable, Equatable {
    case these([String])
    /// Whatever the provider's catalogue asks for, but what Sevk itself sets.
    case any(except: [String])
  }

  /// Whether a route may fill a parameter.
  public func takes(_ parameter: String) -> Bool {
    if requiredParameters.contains(parameter) { return true }
    switch otherParameters {
    case .these(let names): return names.contains(parameter)
    case .any(let except): return !except.contains(parameter)
    }
  }

  public init(
    notFound: NotFoundTrust, deliveryTrust: DeliveryTrust = .whenRepeated, resendSafe: ResendSafety = .unknown,
    queryBatch: Int = 1, referenceDigits: Int, quantityMax: Int,
    requiredParameters: [String], otherParameters: OtherParameters = .these([])
  ) {
    self.notFound = notFound
    self.deliveryTrust = deliveryTrust
    self.resendSafe = resendSafe
    self.queryBatch = queryBatch
    self.referenceDigits = referenceDigits
    self.quantityMax = quantityMax
    self.requiredParameters = requiredParameters
    self.otherParameters = otherParameters
  }
}
