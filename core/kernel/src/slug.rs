//! The part of an address that names a thing.

use crate::text::{Text, TextError};

/// Names a thing in an address: lower-case ASCII letters and digits in groups joined by single dashes, 1 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// Makes a slug of a name in any script: `کتاب خوب` and `Ein gutes Buch` alike become Latin letters, an emoji its
    /// name. Where nothing is left, `fallback` is the slug.
    #[must_use]
    pub fn of(name: &str, fallback: &'static str) -> Self {
        let latin = deunicode::deunicode_with_tofu(name, " ").to_ascii_lowercase();
        let words = latin.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut slug = String::new();
        for word in words {
            let room = Self::MAX.saturating_sub(slug.len() + usize::from(!slug.is_empty()));
            if room == 0 {
                break;
            }
            if !slug.is_empty() {
                slug.push('-');
            }
            slug.extend(word.chars().take(room));
        }
        if slug.is_empty() { Self(fallback.to_owned()) } else { Self(slug) }
    }

    /// The same slug with a number behind it, for when the plain one is taken: `lamp`, `lamp-2`, `lamp-3`.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Self {
        let suffix = format!("-{number}");
        let keep = self.0.len().min(Self::MAX - suffix.len());
        Self(format!("{}{suffix}", self.0[..keep].trim_end_matches('-')))
    }
}

impl Text for Slug {
    const NAME: &'static str = "slug";
    const MIN: usize = 1;
    const MAX: usize = 100;
    const PATTERN: Option<&'static str> = Some("^[a-z0-9]+(-[a-z0-9]+)*$");
    const EXAMPLE: &'static str = "trail-lamp";

    fn parse(text: &str) -> Result<Self, TextError> {
        let group =
            |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if text.len() <= Self::MAX && text.split('-').all(group) {
            return Ok(Self(text.to_owned()));
        }
        Err(TextError::new("must be 1 to 100 lower-case letters and digits, in groups joined by single dashes"))
    }

    fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_script_get_a_slug_that_parses() {
        let names = ["کتاب خوب", "🦀 crab", "Ärger & Ölfaß", "日本", "---", "", "!!!", "a".repeat(300).as_str()]
            .map(|name| Slug::of(name, "product"));
        for slug in &names {
            assert_eq!(Slug::parse(slug.as_str()).as_ref(), Ok(slug));
        }
        assert_eq!(names[2].as_str(), "arger-olfass");
        assert_eq!(names[4].as_str(), "product");
    }

    #[test]
    fn a_number_fits_behind_the_longest_slug() {
        let long = Slug::of(&"ab ".repeat(100), "x").numbered(1_234);
        assert!(Slug::parse(long.as_str()).is_ok() && long.as_str().ends_with("-1234"));
    }
}
