extension NoticeWords {
  static let english = Table(
    customer: [
      "order.created":
        "We have your order {order}\nYour order for {product} at {shop} has come in. We tell you when it is done.",
      "order.sent": "Your order {order} is being worked on\n{product}: we tell you when it is done.",
      "order.unresolved":
        "Your order {order} takes a little longer\n{product}: we are finding out how far it is. You need not do anything.",
      "order.held":
        "Your order {order} takes a little longer\n{product}: a person at {shop} looks at it. You need not do anything.",
      "order.completed": "Your order {order} is done\n{product} is there. You find it where you ordered it, at {shop}.",
      "order.failed":
        "Your order {order} could not be fulfilled\n{product}: nothing was delivered. {shop} tells you about your money.",
      "order.cancelled":
        "Your order {order} was cancelled\n{product}: nothing was delivered. {shop} tells you about your money.",
      "order.contested":
        "Your order {order} is looked at again\n{product}: a person at {shop} looks at it. You need not do anything.",
      "order.progressed": "News of your order {order}\n{product}: your order has gone on.",
      "order.rated": "Thank you for your rating\n{shop} has it, of your order {order}.",
    ],
    partner: [
      "order.created": "An order came in: {order}", "order.sent": "An order for you: {order}",
      "order.unresolved": "Order {order} is being found out about", "order.held": "Order {order} waits for a person",
      "order.completed": "Order {order} is done", "order.failed": "Order {order} was not fulfilled",
      "order.cancelled": "Order {order} was cancelled", "order.contested": "Order {order} is looked at again",
      "order.progressed": "Order {order} has gone on", "order.rated": "Order {order} was rated",
    ],
    ops: [
      "order.created": "Order {order} came in", "order.sent": "Order {order} is with its provider",
      "order.unresolved": "Order {order}: the provider's answer was lost, it is being asked",
      "order.held": "Order {order} waits for a person", "order.completed": "Order {order} is completed",
      "order.failed": "Order {order} failed; a refund is safe",
      "order.cancelled": "Order {order} was cancelled; a refund is safe",
      "order.contested": "Order {order} is contested: a person decides",
      "order.progressed": "Order {order} has gone on",
      "order.rated": "Order {order} was rated", "endpoint.warned": "An endpoint takes no events",
      "endpoint.disabled": "An endpoint was given up", "provider.down": "A provider takes no orders",
      "provider.recovered": "A provider takes orders again", "provider.balance_low": "The money at a provider runs low",
      "provider.balance_enough": "There is money enough at a provider again", "stock.low": "A stock runs low",
      "stock.enough": "A stock has codes enough again",
      "provider.unexplained_debit": "A balance fell by more than the orders explain",
    ],
    ui: [
      .askButton: "Ask the provider now", .asked: "The provider is being asked.",
      .askedJustNow: "The provider was asked a moment ago.",
      .nothingToAsk: "There is nothing to ask about this order now.",
      .alreadyDone: "This was done already.", .expired: "This button is too old.",
      .unknownButton: "This button means nothing here.", .notPossible: "This is not possible now.",
      .testSubject: "A test of Sevk", .testBody: "This channel works. You need not do anything.",
    ])
}
