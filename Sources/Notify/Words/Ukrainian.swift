extension NoticeWords {
  static let ukrainian = Table(
    customer: [
      "order.created":
        "Замовлення {order} прийнято\nВаше замовлення {product} у {shop} отримано. Ми повідомимо, коли воно буде готове.",
      "order.sent": "Замовлення {order} виконується\n{product}: ми повідомимо, коли все буде готово.",
      "order.unresolved":
        "Замовлення {order} триває трохи довше\n{product}: ми з’ясовуємо, що з ним. Нічого робити не потрібно.",
      "order.held":
        "Замовлення {order} триває трохи довше\n{product}: ним займається працівник {shop}. Нічого робити не потрібно.",
      "order.completed":
        "Замовлення {order} виконано\n{product}: усе готово. Ви знайдете його там, де замовляли, у {shop}.",
      "order.failed":
        "Замовлення {order} виконати не вдалося\n{product}: нічого не доставлено. Про гроші вам повідомить {shop}.",
      "order.cancelled":
        "Замовлення {order} скасовано\n{product}: нічого не доставлено. Про гроші вам повідомить {shop}.",
      "order.contested":
        "Замовлення {order} перевіряється ще раз\n{product}: ним займається працівник {shop}. Нічого робити не потрібно.",
      "order.progressed": "Новини про замовлення {order}\n{product}: ваше замовлення просунулося.",
      "order.rated": "Дякуємо за оцінку\n{shop} отримав вашу оцінку замовлення {order}.",
    ],
    partner: [
      "order.created": "Надійшло замовлення: {order}", "order.sent": "Замовлення для вас: {order}",
      "order.unresolved": "З’ясовується, що із замовленням {order}",
      "order.held": "Замовлення {order} чекає на працівника",
      "order.completed": "Замовлення {order} виконано", "order.failed": "Замовлення {order} не виконано",
      "order.cancelled": "Замовлення {order} скасовано", "order.contested": "Замовлення {order} перевіряється ще раз",
      "order.progressed": "Замовлення {order} просунулося", "order.rated": "Замовлення {order} оцінено",
    ],
    ops: [
      "order.created": "Надійшло замовлення {order}", "order.sent": "Замовлення {order} у постачальника",
      "order.unresolved": "Замовлення {order}: відповідь постачальника втрачено, питаємо",
      "order.held": "Замовлення {order} чекає на працівника", "order.completed": "Замовлення {order} виконано",
      "order.failed": "Замовлення {order} не виконано; повернення безпечне",
      "order.cancelled": "Замовлення {order} скасовано; повернення безпечне",
      "order.contested": "Замовлення {order} оскаржено: вирішує працівник",
      "order.progressed": "Замовлення {order} просунулося",
      "order.rated": "Замовлення {order} оцінено", "endpoint.warned": "Адреса не приймає події",
      "endpoint.disabled": "Адресу вимкнено", "provider.down": "Постачальник не приймає замовлення",
      "provider.recovered": "Постачальник знову приймає замовлення",
      "provider.balance_low": "Гроші у постачальника закінчуються",
      "provider.balance_enough": "Грошей у постачальника знову досить", "stock.low": "Запас закінчується",
      "stock.enough": "Кодів у запасі знову досить",
      "provider.unexplained_debit": "Баланс упав більше, ніж пояснюють замовлення",
    ],
    ui: [
      .askButton: "Запитати постачальника зараз", .asked: "Питаємо постачальника.",
      .askedJustNow: "Постачальника щойно питали.",
      .nothingToAsk: "Про це замовлення зараз нічого питати.", .alreadyDone: "Це вже зроблено.",
      .expired: "Ця кнопка застаріла.",
      .unknownButton: "Ця кнопка тут нічого не означає.", .notPossible: "Зараз це неможливо.",
      .testSubject: "Перевірка Sevk",
      .testBody: "Цей канал працює. Нічого робити не потрібно.",
    ])
}
