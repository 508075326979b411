extension NoticeWords {
  static let arabic = Table(
    customer: [
      "order.created": "استلمنا طلبك {order}\nوصلنا طلبك على {product} لدى {shop}. سنخبرك عند اكتماله.",
      "order.sent": "طلبك {order} قيد التنفيذ\n{product}: سنخبرك عند اكتماله.",
      "order.unresolved": "طلبك {order} يستغرق وقتًا أطول قليلًا\n{product}: نتحقق من حالته. لا يلزمك فعل شيء.",
      "order.held": "طلبك {order} يستغرق وقتًا أطول قليلًا\n{product}: يتابعه موظف لدى {shop}. لا يلزمك فعل شيء.",
      "order.completed": "اكتمل طلبك {order}\n{product} جاهز. تجده حيث طلبته لدى {shop}.",
      "order.failed": "تعذّر تنفيذ طلبك {order}\n{product}: لم يُسلَّم شيء. سيخبرك {shop} بشأن أموالك.",
      "order.cancelled": "أُلغي طلبك {order}\n{product}: لم يُسلَّم شيء. سيخبرك {shop} بشأن أموالك.",
      "order.contested": "تُعاد مراجعة طلبك {order}\n{product}: يتابعه موظف لدى {shop}. لا يلزمك فعل شيء.",
      "order.progressed": "جديد طلبك {order}\n{product}: تقدّم طلبك.",
      "order.rated": "شكرًا على تقييمك\nوصل تقييم طلبك {order} إلى {shop}.",
    ],
    partner: [
      "order.created": "ورد طلب: {order}", "order.sent": "طلب لك: {order}",
      "order.unresolved": "يجري التحقق من الطلب {order}",
      "order.held": "الطلب {order} ينتظر موظفًا", "order.completed": "اكتمل الطلب {order}",
      "order.failed": "لم يُنفَّذ الطلب {order}", "order.cancelled": "أُلغي الطلب {order}",
      "order.contested": "تُعاد مراجعة الطلب {order}", "order.progressed": "تقدّم الطلب {order}",
      "order.rated": "قُيِّم الطلب {order}",
    ],
    ops: [
      "order.created": "ورد الطلب {order}", "order.sent": "الطلب {order} لدى المزوّد",
      "order.unresolved": "الطلب {order}: ضاع ردّ المزوّد ويجري سؤاله", "order.held": "الطلب {order} ينتظر موظفًا",
      "order.completed": "اكتمل الطلب {order}", "order.failed": "فشل الطلب {order}؛ ردّ المال آمن",
      "order.cancelled": "أُلغي الطلب {order}؛ ردّ المال آمن",
      "order.contested": "الطلب {order} متنازع عليه: القرار لموظف",
      "order.progressed": "تقدّم الطلب {order}", "order.rated": "قُيِّم الطلب {order}",
      "endpoint.warned": "نقطة وصول لا تستقبل الأحداث", "endpoint.disabled": "أُوقفت نقطة وصول",
      "provider.down": "مزوّد لا يقبل الطلبات", "provider.recovered": "عاد مزوّد إلى قبول الطلبات",
      "provider.balance_low": "الرصيد لدى مزوّد منخفض", "provider.balance_enough": "عاد الرصيد لدى مزوّد كافيًا",
      "stock.low": "مخزون منخفض", "stock.enough": "عاد المخزون كافيًا",
      "provider.unexplained_debit": "انخفض رصيد بأكثر مما تفسّره الطلبات",
    ],
    ui: [
      .askButton: "اسأل المزوّد الآن", .asked: "يجري سؤال المزوّد.", .askedJustNow: "سُئل المزوّد قبل لحظات.",
      .nothingToAsk: "لا شيء يُسأل عنه في هذا الطلب الآن.", .alreadyDone: "تم هذا من قبل.",
      .expired: "هذا الزر قديم جدًا.",
      .unknownButton: "لا معنى لهذا الزر هنا.", .notPossible: "هذا غير ممكن الآن.", .testSubject: "اختبار من Sevk",
      .testBody: "هذه القناة تعمل. لا يلزمك فعل شيء.",
    ])
}
