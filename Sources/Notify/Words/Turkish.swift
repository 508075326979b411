extension NoticeWords {
  static let turkish = Table(
    customer: [
      "order.created":
        "{order} siparişinizi aldık\n{shop} mağazasındaki {product} siparişiniz bize ulaştı. Tamamlandığında haber vereceğiz.",
      "order.sent": "{order} siparişiniz hazırlanıyor\n{product}: tamamlandığında haber vereceğiz.",
      "order.unresolved":
        "{order} siparişiniz biraz gecikiyor\n{product}: ne durumda olduğunu öğreniyoruz. Bir şey yapmanıza gerek yok.",
      "order.held":
        "{order} siparişiniz biraz gecikiyor\n{product}: {shop} ekibinden biri ilgileniyor. Bir şey yapmanıza gerek yok.",
      "order.completed":
        "{order} siparişiniz tamamlandı\n{product} hazır. Sipariş verdiğiniz yerde, {shop} mağazasında bulabilirsiniz.",
      "order.failed":
        "{order} siparişiniz yerine getirilemedi\n{product}: teslimat yapılmadı. Ödemeniz hakkında {shop} bilgi verecek.",
      "order.cancelled":
        "{order} siparişiniz iptal edildi\n{product}: teslimat yapılmadı. Ödemeniz hakkında {shop} bilgi verecek.",
      "order.contested":
        "{order} siparişiniz yeniden inceleniyor\n{product}: {shop} ekibinden biri ilgileniyor. Bir şey yapmanıza gerek yok.",
      "order.progressed": "{order} siparişinizden haber var\n{product}: siparişiniz ilerledi.",
      "order.rated":
        "Değerlendirmeniz için teşekkürler\n{order} siparişinizin değerlendirmesi {shop} mağazasına ulaştı.",
    ],
    partner: [
      "order.created": "Yeni sipariş geldi: {order}", "order.sent": "Size bir sipariş var: {order}",
      "order.unresolved": "{order} siparişinin durumu öğreniliyor",
      "order.held": "{order} siparişi bir kişiyi bekliyor",
      "order.completed": "{order} siparişi tamamlandı", "order.failed": "{order} siparişi yerine getirilemedi",
      "order.cancelled": "{order} siparişi iptal edildi", "order.contested": "{order} siparişi yeniden inceleniyor",
      "order.progressed": "{order} siparişi ilerledi", "order.rated": "{order} siparişi değerlendirildi",
    ],
    ops: [
      "order.created": "{order} siparişi geldi", "order.sent": "{order} siparişi sağlayıcıda",
      "order.unresolved": "{order} siparişi: sağlayıcının yanıtı kayboldu, soruluyor",
      "order.held": "{order} siparişi bir kişiyi bekliyor", "order.completed": "{order} siparişi tamamlandı",
      "order.failed": "{order} siparişi başarısız; iade güvenli",
      "order.cancelled": "{order} siparişi iptal edildi; iade güvenli",
      "order.contested": "{order} siparişi çelişkili: bir kişi karar verecek",
      "order.progressed": "{order} siparişi ilerledi",
      "order.rated": "{order} siparişi değerlendirildi", "endpoint.warned": "Bir uç nokta olayları almıyor",
      "endpoint.disabled": "Bir uç noktadan vazgeçildi", "provider.down": "Bir sağlayıcı sipariş almıyor",
      "provider.recovered": "Bir sağlayıcı yeniden sipariş alıyor",
      "provider.balance_low": "Bir sağlayıcıdaki bakiye azalıyor",
      "provider.balance_enough": "Bir sağlayıcıdaki bakiye yeniden yeterli", "stock.low": "Bir stok azalıyor",
      "stock.enough": "Bir stokta yeniden yeterli kod var",
      "provider.unexplained_debit": "Bir bakiye, siparişlerin açıkladığından çok azaldı",
    ],
    ui: [
      .askButton: "Sağlayıcıya şimdi sor", .asked: "Sağlayıcıya soruluyor.",
      .askedJustNow: "Sağlayıcıya az önce soruldu.",
      .nothingToAsk: "Bu sipariş için şimdi sorulacak bir şey yok.", .alreadyDone: "Bu zaten yapıldı.",
      .expired: "Bu düğme çok eski.", .unknownButton: "Bu düğmenin burada bir anlamı yok.",
      .notPossible: "Bu şimdi mümkün değil.",
      .testSubject: "Sevk denemesi", .testBody: "Bu kanal çalışıyor. Bir şey yapmanıza gerek yok.",
    ])
}
