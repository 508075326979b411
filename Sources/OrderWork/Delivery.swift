public import Orders
public import Store

extension Store {
  /// Completes an order with what was delivered. No PIN goes to two orders: where another has it, this one is held.
  ///
  /// - Parameter completion: the move to `completed`, without the PIN.
  /// - Returns: the move that was made, the order as it is from then on, and the order that has the PIN where it was held.
  public func deliver(
    _ pin: Pin?, to order: Order, _ completion: Transition
  ) async throws -> (made: Transition, order: Order, holder: Order?) {
    var move = completion
    move.sealedPin = try pin.map { try seal($0, of: order.id) }
    guard let pin, pin.isCode else {
      return (move, try await applyPersistently(move), nil)
    }
    let fingerprint = try fingerprint(of: pin)
    move.pinFingerprint = fingerprint
    var holder: Order?
    // During a rotation of the secret key a PIN of before is known by another print. Whoever can't look now is no worse off
    // than without it: the answer must not get lost for that, and `dispatcher key reseal` finds the two.
    for print in (try? earlierFingerprints(of: pin)) ?? [] where holder == nil {
      holder = (try? await self.order(withPin: print)).flatMap { $0?.id == order.id ? nil : $0 }
    }
    do {
      if holder != nil { throw StoreError.conflict(order.id) }
      return (move, try await applyPersistently(move), nil)
    } catch StoreError.conflict {
      if holder == nil { holder = try await self.order(withPin: fingerprint) }
      guard let holder, holder.id != order.id else { throw StoreError.conflict(order.id) }
      // One of the two customers has a code that the other used: only the provider's people can say which. A tenant
      // learns nothing about the orders of another.
      let other = holder.tenantID == order.tenantID ? "order \(holder.id)" : "another order"
      var hold = Transition(
        order, to: .held,
        Reason(
          .sharedPin,
          "the provider gave it the PIN of \(other), so one of the two customers has a code that does not work. "
            + "Ask the provider for another PIN"))
      hold.sendState = .accepted
      hold.pinOf = holder.tenantID == order.tenantID ? holder.id : nil
      hold.exchange = completion.exchange
      hold.cost = completion.cost
      hold.balance = completion.balance
      hold.providerOrderID = completion.providerOrderID
      return (hold, try await applyPersistently(hold), holder)
    }
  }
}
