//! Secrets that a gateway uses without ever seeing them: it writes a word, and the host puts the secret in its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway::Settings;
use hmac::{Hmac, Mac as _};
use rand::RngCore as _;
use sha2::Sha256;

/// What every word begins with: so that only what has this is looked at.
const MARK: &str = "stoa-secret-";

/// What is shorter than this is found in answers by chance, and stays there.
const SHORTEST: usize = 6;

/// The secrets of one call, each with the word that stands for it, in this call and nowhere else.
pub(crate) struct Secrets {
    settings: Arc<Settings>,
    words: BTreeMap<String, String>,
}

/// Where a secret is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into a header.
    Header,
    /// Into a body of JSON.
    Json,
    /// Into a form.
    Form,
}

impl Secrets {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        Self { settings, words: BTreeMap::new() }
    }

    /// What is no secret.
    pub(crate) fn plain(&self, name: &str) -> Option<String> {
        self.settings.plain.get(name).cloned()
    }

    /// The word for a secret.
    pub(crate) fn word(&mut self, name: &str) -> Option<String> {
        self.settings.secrets.get(name)?;
        let new = || {
            let mut chance = [0; 16];
            rand::rng().fill_bytes(&mut chance);
            chance.iter().fold(MARK.to_owned(), |word, byte| format!("{word}{byte:02x}"))
        };
        Some(self.words.entry(name.to_owned()).or_insert_with(new).clone())
    }

    /// A signature under a secret.
    pub(crate) fn sign(&self, name: &str, data: &[u8]) -> Option<Vec<u8>> {
        let secret = self.settings.secrets.get(name)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(data);
        Some(mac.finalize().into_bytes().to_vec())
    }

    /// Whether a word of this call stands in `text`.
    pub(crate) fn stand_in(&self, text: &[u8]) -> bool {
        self.words.values().any(|word| find(text, word.as_bytes()).is_some())
    }

    /// `text` with each word replaced by its secret. In one pass: what a secret says is never looked at again.
    pub(crate) fn put_in(&self, text: &[u8], place: Place) -> Vec<u8> {
        let known = |at: usize| self.words.iter().find(|(_, word)| text[at..].starts_with(word.as_bytes()));
        let mut written = Vec::with_capacity(text.len());
        let mut rest = 0;
        while let Some(found) = find(&text[rest..], MARK.as_bytes()) {
            let at = rest + found;
            written.extend_from_slice(&text[rest..at]);
            rest = match known(at).and_then(|(name, word)| Some((self.settings.secrets.get(name)?, word))) {
                Some((secret, word)) => {
                    written.extend_from_slice(encoded(secret, place).as_bytes());
                    at + word.len()
                }
                None => {
                    written.extend_from_slice(MARK.as_bytes());
                    at + MARK.len()
                }
            };
        }
        written.extend_from_slice(&text[rest..]);
        written
    }

    /// `text` with each secret replaced by its word, however it is written: a provider that sends back what it was sent
    /// tells the gateway nothing.
    pub(crate) fn take_out(&mut self, mut text: Vec<u8>) -> Vec<u8> {
        let settings = Arc::clone(&self.settings);
        for (name, secret) in settings.secrets.iter().filter(|(_, secret)| secret.len() >= SHORTEST) {
            let [json, form] = [Place::Json, Place::Form].map(|place| encoded(secret, place));
            let forms = [secret.clone(), json.replace('/', "\\/"), json, form.replace('+', "%20"), form];
            for form in forms {
                if find(&text, form.as_bytes()).is_some() {
                    let word = self.word(name).unwrap_or_default();
                    text = replaced(&text, form.as_bytes(), word.as_bytes());
                }
            }
        }
        text
    }
}

fn encoded(secret: &str, place: Place) -> String {
    match place {
        Place::Header => secret.to_owned(),
        Place::Json => {
            let quoted = serde_json::Value::from(secret).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        }
        Place::Form => url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let mut from = 0;
    while let Some(first) = text[from..].iter().position(|byte| *byte == word[0]) {
        let at = from + first;
        if text[at..].starts_with(word) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn replaced(text: &[u8], word: &[u8], by: &[u8]) -> Vec<u8> {
    let (mut written, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some(at) = find(rest, word) {
        written.extend_from_slice(&rest[..at]);
        written.extend_from_slice(by);
        rest = &rest[at + word.len()..];
    }
    written.extend_from_slice(rest);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "s\"cret & sons";

    fn secrets() -> Secrets {
        let secrets = [("key".to_owned(), KEY.to_owned()), ("pin".to_owned(), "12".to_owned())].into();
        Secrets::new(Arc::new(Settings { plain: [("url".to_owned(), "x".to_owned())].into(), secrets }))
    }

    #[test]
    fn a_secret_is_written_as_its_place_wants_it() {
        let mut secrets = secrets();
        let word = secrets.word("key").unwrap();
        let put = |place| String::from_utf8(secrets.put_in(format!("<{word}>{word}").as_bytes(), place)).unwrap();
        assert_eq!(put(Place::Header), format!("<{KEY}>{KEY}"));
        assert_eq!(put(Place::Json), r#"<s\"cret & sons>s\"cret & sons"#);
        assert_eq!(put(Place::Form), "<s%22cret+%26+sons>s%22cret+%26+sons");
    }

    #[test]
    fn a_word_means_something_in_its_own_call_only() {
        let (mut mine, mut others) = (secrets(), secrets());
        let word = mine.word("key").unwrap();
        assert_eq!(mine.word("key").unwrap(), word);
        assert_ne!(others.word("key").unwrap(), word);
        assert_eq!(others.put_in(word.as_bytes(), Place::Json), word.as_bytes());
        assert_eq!((mine.word("url"), mine.word("nothing"), mine.plain("key")), (None, None, None));
        assert_eq!(mine.put_in(b"stoa-secret-stoa-secret-", Place::Json), b"stoa-secret-stoa-secret-");
    }

    #[test]
    fn what_comes_back_is_taken_out_however_it_is_written() {
        let mut secrets = secrets();
        let word = secrets.word("key").unwrap();
        let body = format!(r#"{{"a":"{KEY}","b":"s\"cret & sons","c":"s%22cret%20%26%20sons","pin":12}}"#);
        let shown = String::from_utf8(secrets.take_out(body.into_bytes())).unwrap();
        assert_eq!(shown, format!(r#"{{"a":"{word}","b":"{word}","c":"{word}","pin":12}}"#));
    }

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let settings = Settings { secrets: [("key".to_owned(), "Jefe".to_owned())].into(), ..Settings::default() };
        let signed = Secrets::new(Arc::new(settings)).sign("key", b"what do ya want for nothing?").unwrap();
        assert_eq!(signed[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
