//! Values on their way from text to what they mean.

use std::collections::BTreeMap;

use super::{SETTINGS, Source};

/// What was found, and what is wrong with it.
pub(super) struct Values {
    pub(super) found: BTreeMap<&'static str, (String, Source)>,
    pub(super) mistakes: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl Values {
    /// The value of a setting, its default where none was given; none, with the mistake noted, where it is wrong or
    /// there is neither.
    pub(super) fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match self.optional(name, parse) {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                let variable = name.to_ascii_uppercase();
                let help = SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.help);
                self.mistakes.push(format!("STOA_{variable} is not set: {help}"));
                None
            }
            Err(()) => None,
        }
    }

    /// The value of a setting that may be missing.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ()> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        // Set to nothing is not set.
        let found = self.found.get(name).filter(|(text, _)| !text.is_empty());
        let text = found.map(|(text, _)| text.as_str()).or_else(|| setting.and_then(|setting| setting.default));
        let Some(text) = text else { return Ok(None) };
        parse(text).map(Some).map_err(|why| {
            let place = found.map(|(_, source)| format!(" ({source})")).unwrap_or_default();
            let shown =
                if setting.is_some_and(|setting| setting.secret) { String::new() } else { format!(" `{text}`") };
            self.mistakes.push(format!("STOA_{}{place}{shown} {why}", name.to_ascii_uppercase()));
        })
    }

    /// Notes that a value which was read is wrong after all.
    pub(super) fn wrong<T>(&mut self, name: &str, why: &str) -> Option<T> {
        self.mistakes.push(format!("STOA_{} {why}", name.to_ascii_uppercase()));
        None
    }
}
