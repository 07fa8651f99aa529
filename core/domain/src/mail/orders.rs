//! Letters to buyers about their orders. Nothing that a buyer wrote is in them: anybody can order under somebody else's
//! address, and must not get to write that person a letter.

use kernel::{Amount, Currency};

use super::{Language, Mail};
use crate::events::EventKind;
use crate::identity::Email;

/// What a letter says of a line.
#[derive(Debug, Clone)]
pub struct LetterLine {
    /// How many.
    pub quantity: i64,
    /// Of what.
    pub name: String,
    /// How many of it there are, where that is too few.
    pub left: Option<i64>,
}

/// A letter about an order, to be written.
#[derive(Debug, Clone)]
pub struct OrderNews<'a> {
    /// What happened.
    pub kind: EventKind,
    /// In which language.
    pub language: Language,
    /// The store's name.
    pub sender: &'a str,
    /// The order's number.
    pub number: i64,
    /// Of what it is: what was ordered, what is short, or what has left.
    pub lines: &'a [LetterLine],
    /// The sum: what it costs, or what is given back.
    pub sum: (Amount, Currency),
    /// By which the carrier knows it.
    pub tracking: Option<&'a str>,
    /// Where the order is seen.
    pub link: &'a str,
}

impl OrderNews<'_> {
    /// Whether buyers have letters about this.
    #[must_use]
    pub fn is_told(kind: EventKind) -> bool {
        words(kind, Language::English).is_some()
    }

    /// Writes it; none of what buyers have no letters about.
    #[must_use]
    pub fn write(&self, to: &Email) -> Option<Mail> {
        let (subject, body) = words(self.kind, self.language)?;
        let lines: Vec<_> = self.lines.iter().map(|line| self.line(line)).collect();
        let tracking = self.tracking.map(|number| format!("{}: {number}\n\n", tracking(self.language)));
        let places = [
            ("sender", self.sender.to_owned()),
            ("number", self.number.to_string()),
            ("lines", lines.join("\n")),
            ("sum", shown(self.sum.0, self.sum.1)),
            ("tracking", tracking.unwrap_or_default()),
            ("link", self.link.to_owned()),
        ];
        let fill = |text: &str| super::letters::filled(text, &places);
        Some(Mail { to: to.clone(), from_name: self.sender.to_owned(), subject: fill(subject), text: fill(body) })
    }

    fn line(&self, line: &LetterLine) -> String {
        let LetterLine { quantity, name, left } = line;
        match (left, self.language) {
            (None, _) => format!("{quantity} × {name}"),
            (Some(left), Language::English) => format!("{quantity} × {name} ({left} left)"),
            (Some(left), Language::German) => format!("{quantity} × {name} (noch {left} da)"),
            (Some(left), Language::Persian) => format!("{quantity} × {name} (موجودی: {left})"),
        }
    }
}

/// An amount as it is read: `12.50 EUR`, `900 JPY`.
#[must_use]
pub fn shown(amount: Amount, currency: Currency) -> String {
    let places = usize::from(currency.exponent());
    let digits = format!("{:0>width$}", amount.minor(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let point = if places == 0 { "" } else { "." };
    format!("{whole}{point}{part} {}", currency.code())
}

fn tracking(language: Language) -> &'static str {
    match language {
        Language::English => "Tracking number",
        Language::German => "Sendungsnummer",
        Language::Persian => "شمارهٔ رهگیری",
    }
}

fn words(kind: EventKind, language: Language) -> Option<(&'static str, &'static str)> {
    use EventKind::{
        OrderCancelled, OrderExpired, OrderFulfilled, OrderOutOfStock, OrderPaid, OrderPlaced, OrderRefundDue,
        OrderRefunded,
    };
    use Language::{English, German, Persian};
    Some(match (kind, language) {
        (OrderPlaced, English) => (
            "Your order {number} at {sender}",
            "Hello,\n\nthank you for your order {number} at {sender}:\n\n{lines}\n\nTotal: {sum}\n\nIts state, and how to pay for it, is here:\n\n{link}\n",
        ),
        (OrderPlaced, German) => (
            "Ihre Bestellung {number} bei {sender}",
            "Guten Tag,\n\nvielen Dank für Ihre Bestellung {number} bei {sender}:\n\n{lines}\n\nSumme: {sum}\n\nHier sehen Sie ihren Stand, und wie Sie bezahlen:\n\n{link}\n",
        ),
        (OrderPlaced, Persian) => (
            "سفارش {number} شما در {sender}",
            "با سلام،\n\nاز سفارش {number} شما در {sender} سپاسگزاریم:\n\n{lines}\n\nجمع: {sum}\n\nوضعیت سفارش و راه پرداخت را اینجا ببینید:\n\n{link}\n",
        ),
        (OrderPaid, English) => (
            "Your order {number} at {sender} is paid",
            "Hello,\n\nyour order {number} at {sender} is paid: {sum}. We tell you when it leaves.\n\n{lines}\n\n{link}\n",
        ),
        (OrderPaid, German) => (
            "Ihre Bestellung {number} bei {sender} ist bezahlt",
            "Guten Tag,\n\nIhre Bestellung {number} bei {sender} ist bezahlt: {sum}. Wir melden uns, wenn sie unterwegs ist.\n\n{lines}\n\n{link}\n",
        ),
        (OrderPaid, Persian) => (
            "سفارش {number} شما در {sender} پرداخت شد",
            "با سلام،\n\nسفارش {number} شما در {sender} پرداخت شد: {sum}. هنگام ارسال به شما خبر می‌دهیم.\n\n{lines}\n\n{link}\n",
        ),
        (OrderFulfilled, English) => (
            "Your order {number} at {sender} is on its way",
            "Hello,\n\nof your order {number} at {sender} this is on its way:\n\n{lines}\n\n{tracking}{link}\n",
        ),
        (OrderFulfilled, German) => (
            "Ihre Bestellung {number} bei {sender} ist unterwegs",
            "Guten Tag,\n\naus Ihrer Bestellung {number} bei {sender} ist unterwegs:\n\n{lines}\n\n{tracking}{link}\n",
        ),
        (OrderFulfilled, Persian) => (
            "سفارش {number} شما در {sender} ارسال شد",
            "با سلام،\n\nاز سفارش {number} شما در {sender} این‌ها ارسال شد:\n\n{lines}\n\n{tracking}{link}\n",
        ),
        (OrderOutOfStock, English) => (
            "Your order {number} at {sender} is cancelled: not enough in stock",
            "Hello,\n\nwe are sorry: your order {number} at {sender} is cancelled, because there is not enough of:\n\n{lines}\n\nNothing was charged. You can put the rest into a cart again:\n\n{link}\n",
        ),
        (OrderOutOfStock, German) => (
            "Ihre Bestellung {number} bei {sender} ist storniert: nicht genug auf Lager",
            "Guten Tag,\n\nes tut uns leid: Ihre Bestellung {number} bei {sender} ist storniert, denn es ist nicht genug da von:\n\n{lines}\n\nSie haben nichts bezahlt. Das Übrige können Sie wieder in den Warenkorb legen:\n\n{link}\n",
        ),
        (OrderOutOfStock, Persian) => (
            "سفارش {number} شما در {sender} لغو شد: موجودی کافی نیست",
            "با سلام،\n\nمتأسفیم؛ سفارش {number} شما در {sender} لغو شد، چون از این‌ها به اندازهٔ کافی موجود نیست:\n\n{lines}\n\nمبلغی از شما کسر نشده است. می‌توانید بقیه را دوباره در سبد بگذارید:\n\n{link}\n",
        ),
        (OrderCancelled, English) => (
            "Your order {number} at {sender} is cancelled",
            "Hello,\n\nyour order {number} at {sender} is cancelled. If something was paid, it is given back; another letter tells of that.\n\n{lines}\n\n{link}\n",
        ),
        (OrderCancelled, German) => (
            "Ihre Bestellung {number} bei {sender} ist storniert",
            "Guten Tag,\n\nIhre Bestellung {number} bei {sender} ist storniert. Was schon bezahlt war, wird erstattet; darüber bekommen Sie eine eigene Nachricht.\n\n{lines}\n\n{link}\n",
        ),
        (OrderCancelled, Persian) => (
            "سفارش {number} شما در {sender} لغو شد",
            "با سلام،\n\nسفارش {number} شما در {sender} لغو شد. اگر مبلغی پرداخت شده باشد بازگردانده می‌شود و در نامه‌ای دیگر به شما خبر می‌دهیم.\n\n{lines}\n\n{link}\n",
        ),
        (OrderExpired, English) => (
            "Your order {number} at {sender} has expired",
            "Hello,\n\nyour order {number} at {sender} was not paid in time, and has expired. Nothing was charged. You can put its items into a cart again:\n\n{lines}\n\n{link}\n",
        ),
        (OrderExpired, German) => (
            "Ihre Bestellung {number} bei {sender} ist abgelaufen",
            "Guten Tag,\n\nIhre Bestellung {number} bei {sender} wurde nicht rechtzeitig bezahlt und ist abgelaufen. Sie haben nichts bezahlt. Sie können alles wieder in den Warenkorb legen:\n\n{lines}\n\n{link}\n",
        ),
        (OrderExpired, Persian) => (
            "مهلت سفارش {number} شما در {sender} به پایان رسید",
            "با سلام،\n\nسفارش {number} شما در {sender} به‌موقع پرداخت نشد و مهلت آن به پایان رسید. مبلغی از شما کسر نشده است. می‌توانید کالاها را دوباره در سبد بگذارید:\n\n{lines}\n\n{link}\n",
        ),
        (OrderRefunded, English) => (
            "{sum} of your order {number} at {sender} are given back",
            "Hello,\n\nof your order {number} at {sender} we give back {sum}. How long that takes depends on the way you paid.\n\n{link}\n",
        ),
        (OrderRefunded, German) => (
            "{sum} Ihrer Bestellung {number} bei {sender} werden erstattet",
            "Guten Tag,\n\nvon Ihrer Bestellung {number} bei {sender} erstatten wir {sum}. Wie lange das dauert, hängt von der Zahlungsart ab.\n\n{link}\n",
        ),
        (OrderRefunded, Persian) => (
            "بازگشت {sum} از سفارش {number} شما در {sender}",
            "با سلام،\n\nاز سفارش {number} شما در {sender} مبلغ {sum} به شما بازگردانده می‌شود. زمان آن به روش پرداخت شما بستگی دارد.\n\n{link}\n",
        ),
        (OrderRefundDue, English) => (
            "{sum} of your order {number} at {sender} are yours",
            "Hello,\n\nof your order {number} at {sender} you get {sum} back, and the way that you paid does not do that by itself. The shop has been told and sees to it.\n\n{link}\n",
        ),
        (OrderRefundDue, German) => (
            "{sum} Ihrer Bestellung {number} bei {sender} stehen Ihnen zu",
            "Guten Tag,\n\nvon Ihrer Bestellung {number} bei {sender} bekommen Sie {sum} zurück, und Ihre Zahlungsart macht das nicht von selbst. Der Shop weiß davon und kümmert sich darum.\n\n{link}\n",
        ),
        (OrderRefundDue, Persian) => (
            "{sum} از سفارش {number} شما در {sender} باید بازگردد",
            "با سلام،\n\nاز سفارش {number} شما در {sender} مبلغ {sum} باید به شما بازگردد و روش پرداخت شما این کار را خودبه‌خود انجام نمی‌دهد. فروشگاه آگاه است و پیگیری می‌کند.\n\n{link}\n",
        ),
        (
            EventKind::CustomerRegistered
            | EventKind::ReviewWaiting
            | EventKind::OrderAuthorized
            | EventKind::PaymentHeld
            | EventKind::StockLow,
            _,
        ) => return None,
    })
}

#[cfg(test)]
mod tests {
    use kernel::Text as _;

    use super::*;

    #[test]
    fn amounts_are_written_with_the_digits_of_their_currency() {
        let eur = |minor| shown(Amount::new(minor).unwrap(), Currency::parse("EUR").unwrap());
        assert_eq!([eur(0), eur(5), eur(1250)], ["0.00 EUR", "0.05 EUR", "12.50 EUR"]);
        assert_eq!(shown(Amount::new(900).unwrap(), Currency::parse("JPY").unwrap()), "900 JPY");
        assert_eq!(shown(Amount::new(1).unwrap(), Currency::parse("KWD").unwrap()), "0.001 KWD");
    }

    #[test]
    fn every_letter_in_every_language_says_which_order_and_leaves_no_place_unfilled() {
        let lines = [LetterLine { quantity: 2, name: "{link} <b>Lamp</b>".to_owned(), left: Some(1) }];
        for kind in EventKind::ALL.iter().copied().filter(|kind| OrderNews::is_told(*kind)) {
            for language in [Language::English, Language::German, Language::Persian] {
                let sum = (Amount::new(1250).unwrap(), Currency::parse("EUR").unwrap());
                let (sender, link) = ("Acme", "https://x/orders/1");
                let news =
                    OrderNews { kind, language, sender, number: 7, lines: &lines, sum, tracking: Some("T-1"), link };
                let mail = news.write(&Email::parse("ada@example.com").unwrap()).unwrap();
                assert!(mail.subject.contains("Acme") && mail.subject.contains('7'), "{}", mail.subject);
                assert_eq!(mail.text.matches("https://x").count(), 1, "what fills a place is not looked through");
                let text = mail.text.replace("{link} <b>", "");
                assert!(!text.contains('{') && !mail.subject.contains('{'), "{text}");
            }
        }
    }
}
