//! One value of an attribute, as a filter names it.

use kernel::{Line, Slug, Text, TextError};

/// An attribute's slug and one of its values: `material:Oak`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeChoice {
    text: String,
    /// Where the slug ends.
    colon: usize,
}

impl AttributeChoice {
    /// The attribute's slug.
    #[must_use]
    pub fn attribute(&self) -> &str {
        &self.text[..self.colon]
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.text[self.colon + 1..]
    }
}

impl Text for AttributeChoice {
    const NAME: &'static str = "attribute and value";
    const MIN: usize = 3;
    const MAX: usize = 201;
    const PATTERN: Option<&'static str> = Some("^[a-z0-9]+(-[a-z0-9]+)*:.+$");
    const EXAMPLE: &'static str = "material:Oak";

    fn parse(text: &str) -> Result<Self, TextError> {
        let split = text.split_once(':');
        let (slug, value) = split.ok_or_else(|| TextError::new("must be an attribute's slug, a colon and a value"))?;
        let (slug, value) = (Slug::parse(slug)?, Line::<100>::parse(value)?);
        Ok(Self { text: format!("{}:{}", slug.as_str(), value.as_str()), colon: slug.as_str().len() })
    }

    fn as_str(&self) -> &str {
        &self.text
    }
}
