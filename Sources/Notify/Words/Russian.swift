extension NoticeWords {
  static let russian = Table(
    customer: [
      "order.created": "Заказ {order} принят\nВаш заказ {product} в {shop} получен. Мы сообщим, когда он будет готов.",
      "order.sent": "Заказ {order} выполняется\n{product}: мы сообщим, когда всё будет готово.",
      "order.unresolved":
        "Заказ {order} занимает чуть больше времени\n{product}: мы выясняем, что с ним. Ничего делать не нужно.",
      "order.held":
        "Заказ {order} занимает чуть больше времени\n{product}: им занимается сотрудник {shop}. Ничего делать не нужно.",
      "order.completed": "Заказ {order} выполнен\n{product}: всё готово. Вы найдёте его там, где заказывали, в {shop}.",
      "order.failed":
        "Заказ {order} выполнить не удалось\n{product}: ничего не доставлено. О деньгах вам сообщит {shop}.",
      "order.cancelled": "Заказ {order} отменён\n{product}: ничего не доставлено. О деньгах вам сообщит {shop}.",
      "order.contested":
        "Заказ {order} проверяется ещё раз\n{product}: им занимается сотрудник {shop}. Ничего делать не нужно.",
      "order.progressed": "Новости о заказе {order}\n{product}: ваш заказ продвинулся.",
      "order.rated": "Спасибо за оценку\n{shop} получил вашу оценку заказа {order}.",
    ],
    partner: [
      "order.created": "Поступил заказ: {order}", "order.sent": "Заказ для вас: {order}",
      "order.unresolved": "Выясняется, что с заказом {order}", "order.held": "Заказ {order} ждёт сотрудника",
      "order.completed": "Заказ {order} выполнен", "order.failed": "Заказ {order} не выполнен",
      "order.cancelled": "Заказ {order} отменён", "order.contested": "Заказ {order} проверяется ещё раз",
      "order.progressed": "Заказ {order} продвинулся", "order.rated": "Заказ {order} оценён",
    ],
    ops: [
      "order.created": "Поступил заказ {order}", "order.sent": "Заказ {order} у поставщика",
      "order.unresolved": "Заказ {order}: ответ поставщика потерян, спрашиваем",
      "order.held": "Заказ {order} ждёт сотрудника",
      "order.completed": "Заказ {order} выполнен", "order.failed": "Заказ {order} не выполнен; возврат безопасен",
      "order.cancelled": "Заказ {order} отменён; возврат безопасен",
      "order.contested": "Заказ {order} оспорен: решает сотрудник",
      "order.progressed": "Заказ {order} продвинулся", "order.rated": "Заказ {order} оценён",
      "endpoint.warned": "Адрес не принимает события", "endpoint.disabled": "Адрес отключён",
      "provider.down": "Поставщик не принимает заказы", "provider.recovered": "Поставщик снова принимает заказы",
      "provider.balance_low": "Деньги у поставщика кончаются",
      "provider.balance_enough": "Денег у поставщика снова достаточно",
      "stock.low": "Запас кончается", "stock.enough": "Кодов в запасе снова достаточно",
      "provider.unexplained_debit": "Баланс упал больше, чем объясняют заказы",
    ],
    ui: [
      .askButton: "Спросить поставщика сейчас", .asked: "Спрашиваем поставщика.",
      .askedJustNow: "Поставщика только что спрашивали.",
      .nothingToAsk: "По этому заказу сейчас нечего спрашивать.", .alreadyDone: "Это уже сделано.",
      .expired: "Эта кнопка устарела.", .unknownButton: "Эта кнопка здесь ничего не значит.",
      .notPossible: "Сейчас это невозможно.",
      .testSubject: "Проверка Sevk", .testBody: "Этот канал работает. Ничего делать не нужно.",
    ])
}
