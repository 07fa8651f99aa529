//! The door to where objects are kept, and what objects are called.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use tenants::TenantId;
use uuid::Uuid;

use super::Format;

/// Why an object could not be written, read or removed. The cause is for the log.
#[derive(Debug, thiserror::Error)]
#[error("objects can't be reached: {0}")]
pub struct ObjectError(pub String);

/// What is awaited of [`Objects`].
pub type Soon<'a, T> = Pin<Box<dyn Future<Output = Result<T, ObjectError>> + Send + 'a>>;

/// Keeps objects. Called outside transactions only.
pub trait Objects: Send + Sync {
    /// Writes an object. When it answers, the object is there to stay, whole.
    fn put<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Soon<'a, ()>;

    /// An object; none where there is none of this name.
    fn get<'a>(&'a self, key: &'a Key) -> Soon<'a, Option<Bytes>>;

    /// Whether there is an object of this name.
    fn has<'a>(&'a self, key: &'a Key) -> Soon<'a, bool>;

    /// Removes all objects of the picture that is called `name`; none is no error.
    fn remove<'a>(&'a self, store: TenantId, name: &'a str) -> Soon<'a, ()>;
}

/// The name of one object: of a store, of a picture in it, of a width, in a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    tenant: TenantId,
    name: String,
    width: u32,
    format: Format,
}

impl Key {
    pub(super) fn new(tenant: TenantId, name: &str, width: u32, format: Format) -> Self {
        Self { tenant, name: name.to_owned(), width, format }
    }

    /// Reads a name as it is written in an address: the store's id, and `{name}-{width}.{format}`. Each object has one
    /// spelling.
    #[must_use]
    pub fn parse(store: &str, file: &str) -> Option<Self> {
        let (rest, extension) = file.split_once('.')?;
        let (name, digits) = rest.split_once('-')?;
        let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        let is_name = name.len() == 32 && name.bytes().all(is_hex);
        let is_width = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_name || !is_width || digits.starts_with('0') {
            return None;
        }
        let tenant = Uuid::try_parse(store).ok().filter(|id| id.as_hyphenated().to_string() == store)?;
        let format = Format::ALL.into_iter().find(|format| format.extension() == extension)?;
        Some(Self { tenant: TenantId(tenant), name: name.to_owned(), width: digits.parse().ok()?, format })
    }

    /// Whose it is.
    #[must_use]
    pub fn store(&self) -> TenantId {
        self.tenant
    }

    /// What its picture is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its width.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Its format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its last part, which tells everything but the store.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}-{}.{}", self.name, self.width, self.format.extension())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant, self.file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_spelling() {
        let (store, name) = ("0192f0c1-2345-7000-8000-000000000000", "0123456789abcdef0123456789abcdef");
        let key = Key::parse(store, &format!("{name}-320.webp")).unwrap();
        assert_eq!(key.to_string(), format!("{store}/{name}-320.webp"));
        for (store, file) in [
            (store.to_uppercase().as_str(), format!("{name}-320.webp")),
            (&store.replace('-', ""), format!("{name}-320.webp")),
            (&format!("{{{store}}}"), format!("{name}-320.webp")),
            (store, format!("{}-320.webp", name.to_uppercase())),
            (store, format!("{name}-0320.webp")),
            (store, format!("{name}-0.webp")),
            (store, format!("{name}-+20.webp")),
            (store, format!("{name}-320.WEBP")),
            (store, format!("{name}-320.webp.jpg")),
            (store, format!("../{name}-320.webp")),
            (store, format!("{name}-999999.webp")),
            (store, format!("{name}-320.svg")),
            ("..", format!("{name}-320.webp")),
        ] {
            assert_eq!(Key::parse(store, &file), None, "{store}/{file}");
        }
    }
}
