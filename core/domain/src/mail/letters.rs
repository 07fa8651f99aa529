//! What letters say.

use kernel::Text as _;
use serde::{Deserialize, Serialize};

use super::Mail;
use crate::identity::Email;

/// A language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, also where a store's language is not known here.
    #[default]
    English,
    /// German.
    German,
    /// Persian.
    Persian,
}

impl Language {
    /// The language of a tag (BCP 47), by its first part.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        match tag.split('-').next() {
            Some("de") => Self::German,
            Some("fa") => Self::Persian,
            _ => Self::English,
        }
    }
}

/// Why a letter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// Somebody registered with this address.
    Confirm,
    /// Somebody wants a new password for this address.
    Reset,
    /// Somebody tried to register with an address that has an account.
    KnownAlready,
    /// Somebody is to join the staff.
    Invitation,
    /// Reviews wait for a decision.
    ReviewsWaiting,
    /// Little is left of some variants.
    StockLow,
    /// Payments wait for somebody to look at them.
    PaymentsWaiting,
}

/// A letter to be written.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    /// Why.
    pub occasion: Occasion,
    /// In which language.
    pub language: Language,
    /// The store's name, or the platform's.
    pub sender: &'a str,
    /// The reader's name.
    pub name: &'a str,
    /// Where the reader goes on. It holds the token, if there is one.
    pub link: &'a str,
    /// What it is about, where that is several things, one a line.
    pub things: &'a [String],
}

impl Letter<'_> {
    /// Writes it.
    #[must_use]
    pub fn write(&self, to: &Email) -> Mail {
        let (subject, body) = self.words();
        let name = if reads_as_address(self.name) { to.as_str() } else { self.name };
        let places = [
            ("sender", self.sender.to_owned()),
            ("name", name.to_owned()),
            ("link", self.link.to_owned()),
            ("things", self.things.join("\n")),
        ];
        let fill = |text: &str| filled(text, &places);
        Mail { to: to.clone(), from_name: self.sender.to_owned(), subject: fill(subject), text: fill(body) }
    }

    fn words(&self) -> (&'static str, &'static str) {
        use Language::{English, German, Persian};
        use Occasion::{Confirm, Invitation, KnownAlready, PaymentsWaiting, Reset, ReviewsWaiting, StockLow};
        match (self.occasion, self.language) {
            (Confirm, English) => (
                "Confirm your e-mail address at {sender}",
                "Hello {name},\n\nwelcome to {sender}. Please confirm your e-mail address:\n\n{link}\n\nThe link is good for seven days. If you did not register at {sender}, ignore this mail.\n",
            ),
            (Confirm, German) => (
                "Bestätigen Sie Ihre E-Mail-Adresse bei {sender}",
                "Guten Tag {name},\n\nwillkommen bei {sender}. Bitte bestätigen Sie Ihre E-Mail-Adresse:\n\n{link}\n\nDer Link gilt sieben Tage. Haben Sie sich nicht bei {sender} registriert, ist nichts zu tun.\n",
            ),
            (Confirm, Persian) => (
                "تأیید نشانی ایمیل شما در {sender}",
                "{name} عزیز،\n\nبه {sender} خوش آمدید. لطفاً نشانی ایمیل خود را تأیید کنید:\n\n{link}\n\nاین پیوند هفت روز اعتبار دارد. اگر در {sender} ثبت‌نام نکرده‌اید، این نامه را نادیده بگیرید.\n",
            ),
            (Reset, English) => (
                "Set a new password at {sender}",
                "Hello {name},\n\nset a new password here:\n\n{link}\n\nThe link is good for one hour. If you did not ask for it, ignore this mail: nothing has changed.\n",
            ),
            (Reset, German) => (
                "Neues Passwort bei {sender}",
                "Guten Tag {name},\n\nhier können Sie ein neues Passwort setzen:\n\n{link}\n\nDer Link gilt eine Stunde. Haben Sie nicht darum gebeten, ist nichts zu tun: es hat sich nichts geändert.\n",
            ),
            (Reset, Persian) => (
                "گذرواژهٔ تازه در {sender}",
                "{name} عزیز،\n\nاز اینجا گذرواژهٔ تازه‌ای بگذارید:\n\n{link}\n\nاین پیوند یک ساعت اعتبار دارد. اگر شما درخواست نکرده‌اید، این نامه را نادیده بگیرید؛ چیزی تغییر نکرده است.\n",
            ),
            (KnownAlready, English) => (
                "You already have an account at {sender}",
                "Hello {name},\n\nsomebody, perhaps you, tried to register at {sender} with this address. You have an account already: log in, or set a new password here:\n\n{link}\n",
            ),
            (KnownAlready, German) => (
                "Sie haben schon ein Konto bei {sender}",
                "Guten Tag {name},\n\njemand, vielleicht Sie selbst, wollte sich bei {sender} mit dieser Adresse registrieren. Sie haben schon ein Konto: melden Sie sich an, oder setzen Sie hier ein neues Passwort:\n\n{link}\n",
            ),
            (KnownAlready, Persian) => (
                "شما پیش‌تر در {sender} حساب ساخته‌اید",
                "{name} عزیز،\n\nکسی، شاید خود شما، خواست با این نشانی در {sender} ثبت‌نام کند. شما حساب دارید: وارد شوید، یا از اینجا گذرواژهٔ تازه‌ای بگذارید:\n\n{link}\n",
            ),
            (ReviewsWaiting, English) => {
                ("Reviews wait at {sender}", "Hello {name},\n\nnew reviews wait for a decision:\n\n{link}\n")
            }
            (ReviewsWaiting, German) => (
                "Bewertungen warten bei {sender}",
                "Guten Tag {name},\n\nneue Bewertungen warten auf eine Entscheidung:\n\n{link}\n",
            ),
            (ReviewsWaiting, Persian) => (
                "دیدگاه‌هایی در {sender} منتظر بررسی هستند",
                "{name} عزیز،\n\nدیدگاه‌های تازه‌ای منتظر تصمیم شما هستند:\n\n{link}\n",
            ),
            (StockLow, English) => (
                "Little is left of some products at {sender}",
                "Hello {name},\n\nlittle is left of:\n\n{things}\n\n{link}\n",
            ),
            (StockLow, German) => (
                "Geringer Bestand bei {sender}",
                "Guten Tag {name},\n\nes ist nur noch wenig da von:\n\n{things}\n\n{link}\n",
            ),
            (StockLow, Persian) => {
                ("موجودی اندک در {sender}", "{name} عزیز،\n\nاز این کالاها اندکی مانده است:\n\n{things}\n\n{link}\n")
            }
            (PaymentsWaiting, English) => (
                "Payments wait at {sender}",
                "Hello {name},\n\nthere are payments that somebody has to look at: money that is to be given back by hand, or of which the gateway says something else than the order does:\n\n{link}\n",
            ),
            (PaymentsWaiting, German) => (
                "Zahlungen warten bei {sender}",
                "Guten Tag {name},\n\nes gibt Zahlungen, die jemand ansehen muss: Geld, das von Hand zu erstatten ist, oder von dem der Zahlungsdienst etwas anderes sagt als die Bestellung:\n\n{link}\n",
            ),
            (PaymentsWaiting, Persian) => (
                "پرداخت‌هایی در {sender} منتظر بررسی هستند",
                "{name} عزیز،\n\nپرداخت‌هایی هست که باید بررسی شود: مبلغی که باید دستی بازگردانده شود، یا درگاه دربارهٔ آن چیزی جز سفارش می‌گوید:\n\n{link}\n",
            ),
            (Invitation, English) => (
                "You are invited to work at {sender}",
                "Hello {name},\n\nyou are invited to join the staff of {sender}. Choose a password here:\n\n{link}\n\nThe link is good for seven days.\n",
            ),
            (Invitation, German) => (
                "Einladung zur Mitarbeit bei {sender}",
                "Guten Tag {name},\n\nSie sind eingeladen, bei {sender} mitzuarbeiten. Wählen Sie hier ein Passwort:\n\n{link}\n\nDer Link gilt sieben Tage.\n",
            ),
            (Invitation, Persian) => (
                "دعوت به همکاری با {sender}",
                "{name} عزیز،\n\nشما به همکاری با {sender} دعوت شده‌اید. از اینجا گذرواژه‌ای برگزینید:\n\n{link}\n\nاین پیوند هفت روز اعتبار دارد.\n",
            ),
        }
    }
}

/// A text with its places filled, each once: what fills one is not looked through for more.
pub(super) fn filled(text: &str, places: &[(&str, String)]) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or((part, ""));
        filled += places.iter().find(|(name, _)| *name == place).map_or("", |(_, value)| value);
        filled += rest;
    }
    filled
}

/// Whether mail programs would make a link of a name. Anybody can register with somebody else's address, and must not
/// get to write that person a letter.
fn reads_as_address(name: &str) -> bool {
    let dotted = |word: &str| word.split('.').filter(|part| part.chars().count() > 1).count() > 1;
    name.contains(['/', '@']) || name.split_whitespace().any(dotted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_a_place_is_not_looked_through_and_a_name_is_no_link() {
        let to = Email::parse("ada@example.com").unwrap();
        let text = |name: &str| {
            let (occasion, language) = (Occasion::Confirm, Language::English);
            Letter { occasion, language, sender: "{name} & {link}", name, link: "https://x/?token=t", things: &[] }
                .write(&to)
                .text
        };
        let odd = text("{link} {sender}");
        assert!(odd.starts_with("Hello {link} {sender},") && odd.matches("token=t").count() == 1, "{odd}");
        assert!(odd.ends_with("If you did not register at {name} & {link}, ignore this mail.\n"), "{odd}");
        for name in ["You won, see evil.example", "https://evil.example", "www.evil.example", "a@evil.example"] {
            assert!(text(name).starts_with("Hello ada@example.com,"), "{name}");
        }
        for name in ["J. R. R. Tolkien", "Dr. Ada Lovelace", "علی", "Ada Jr."] {
            assert!(text(name).starts_with(&format!("Hello {name},")), "{name}");
        }
    }

    #[test]
    fn every_letter_in_every_language_names_sender_reader_and_link() {
        let to = Email::parse("ada@example.com").unwrap();
        for occasion in [
            Occasion::Confirm,
            Occasion::Reset,
            Occasion::KnownAlready,
            Occasion::Invitation,
            Occasion::ReviewsWaiting,
            Occasion::StockLow,
            Occasion::PaymentsWaiting,
        ] {
            for language in ["en", "de-AT", "fa", "xx"].map(Language::of_tag) {
                let letter =
                    Letter { occasion, language, sender: "Acme", name: "Ada", link: "https://x/?token=t", things: &[] };
                let mail = letter.write(&to);
                assert!(mail.subject.contains("Acme") && mail.text.contains("Ada") && mail.text.contains("token=t"));
                assert!(!mail.text.contains('{') && !mail.subject.contains('{'));
            }
        }
    }
}
