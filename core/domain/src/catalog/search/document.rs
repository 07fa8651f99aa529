//! What a product is found by.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::words::{Compound, Word, stem, words};

/// Words of a description that count.
const OF_DESCRIPTION: usize = 400;
/// Words of a name that count.
const OF_NAME: usize = 50;
/// Words of an attribute's value that count.
const OF_VALUE: usize = 12;
/// Words that relevance looks at.
const OF_HEAD: usize = 160;

/// What of a product is searched.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) brand: Option<Uuid>,
    pub(super) category: Option<Uuid>,
    /// Ids of attributes, with the product's values.
    pub(super) attributes: Vec<(Uuid, String)>,
    pub(super) skus: Vec<String>,
}

/// A value that products are counted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facet {
    pub(super) kind: Kind,
    /// The brand, the category, or the attribute.
    pub(super) of: Uuid,
    /// The attribute's value.
    pub(super) value: Option<String>,
}

/// What a facet is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Brand,
    Category,
    Attribute,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Category => "category",
            Self::Attribute => "attribute",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Brand, Self::Category, Self::Attribute].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Facet {
    pub(super) fn new(kind: Kind, of: Uuid) -> Self {
        Self { kind, of, value: None }
    }

    pub(super) fn of_attribute(of: Uuid, value: &str) -> Self {
        Self { kind: Kind::Attribute, of, value: Some(value.to_owned()) }
    }

    /// Eight bytes that stand for it.
    pub(super) fn key(&self) -> i64 {
        let mut hash = Sha256::new_with_prefix(self.of);
        hash.update(self.value.as_deref().unwrap_or_default());
        let hash: [u8; 32] = hash.finalize().into();
        let mut key = [0; 8];
        key.copy_from_slice(&hash[..8]);
        i64::from_be_bytes(key)
    }
}

/// The lexeme of everything that is of this facet.
pub(super) fn facet_lexeme(key: i64) -> String {
    format!("#{key:016x}")
}

/// The lexeme of every product.
pub(super) const EVERYTHING: &str = "*";

/// What is kept of a product.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// The text of a `tsvector`.
    pub(super) head: String,
    /// Without the store's prefix.
    pub(super) lexemes: Vec<String>,
    pub(super) facets: Vec<Facet>,
    /// What a misspelt word may have meant, in order.
    pub(super) vocabulary: Vec<String>,
}

struct Drawn {
    head: Vec<String>,
    lexemes: BTreeSet<String>,
    vocabulary: BTreeSet<String>,
}

impl Drawn {
    /// Takes in words that relevance looks at; `plain` and `stemmed` are their weights.
    fn take(&mut self, compounds: &[Compound], plain: char, stemmed: char) {
        for word in compounds.iter().flat_map(all_words) {
            for form in word.forms() {
                let stem = format!("~{}", stem(form));
                if self.head.len() < OF_HEAD {
                    self.head.extend([format!("'{form}':1{plain}"), format!("'{stem}':1{stemmed}")]);
                }
                self.lexemes.extend([form.to_owned(), stem]);
                if is_spelt(form) {
                    self.vocabulary.insert(form.to_owned());
                }
            }
        }
    }
}

/// Whether somebody may misspell it: letters, and enough of them.
pub(super) fn is_spelt(word: &str) -> bool {
    word.chars().count() >= 3 && word.chars().all(char::is_alphabetic)
}

/// The words of a compound, and the compound as one.
pub(super) fn all_words(compound: &Compound) -> impl Iterator<Item = Word> {
    compound.words.iter().cloned().chain(compound.joined())
}

impl Document {
    pub(super) fn of(source: &Source) -> Self {
        let mut drawn = Drawn { head: Vec::new(), lexemes: BTreeSet::new(), vocabulary: BTreeSet::new() };
        drawn.lexemes.insert(EVERYTHING.to_owned());
        drawn.take(&words(&source.name, OF_NAME), 'A', 'B');
        for (_, value) in &source.attributes {
            drawn.take(&words(value, OF_VALUE), 'C', 'D');
        }
        let facets: Vec<_> = (source.brand.map(|id| Facet::new(Kind::Brand, id)).into_iter())
            .chain(source.category.map(|id| Facet::new(Kind::Category, id)))
            .chain(source.attributes.iter().map(|(id, value)| Facet::of_attribute(*id, value)))
            .collect();
        for facet in &facets {
            let lexeme = facet_lexeme(facet.key());
            drawn.head.push(format!("'{lexeme}':1C"));
            drawn.lexemes.insert(lexeme);
        }
        for sku in &source.skus {
            drawn.take_sku(sku);
        }
        for word in words(&source.description, OF_DESCRIPTION).iter().flat_map(all_words) {
            drawn.lexemes.extend(word.forms().map(|form| format!("~{}", stem(form))));
        }
        Self {
            head: drawn.head.join(" "),
            lexemes: drawn.lexemes.into_iter().collect(),
            facets,
            vocabulary: drawn.vocabulary.into_iter().collect(),
        }
    }
}

impl Drawn {
    /// A SKU is found whole, or by how it begins; a part of it by itself says nothing.
    fn take_sku(&mut self, sku: &str) {
        for compound in words(sku, OF_VALUE) {
            let Some(whole) = compound.joined().or_else(|| compound.words.first().cloned()) else { continue };
            let stem = format!("~{}", stem(&whole.plain));
            if self.head.len() < OF_HEAD {
                self.head.push(format!("'{}':1C", whole.plain));
            }
            self.lexemes.extend([whole.plain, stem]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_found_by_all_that_is_said_of_it() {
        let (brand, attribute) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let source = Source {
            name: "Käse-Messer".into(),
            description: "Schneidet Brote.".into(),
            brand: Some(brand),
            category: None,
            attributes: vec![(attribute, "Oak".into())],
            skus: vec!["KM-01".into()],
        };
        let document = Document::of(&source);
        for lexeme in ["kase", "kaese", "messer", "kasemesser", "~mess", "~brot", "oak", "km01", "*"] {
            assert!(document.lexemes.iter().any(|found| found == lexeme), "{lexeme}: {:?}", document.lexemes);
        }
        assert!(!document.lexemes.iter().any(|found| found == "brote"), "descriptions are found by stems alone");
        assert_eq!(document.vocabulary, ["kaese", "kaesemesser", "kase", "kasemesser", "messer", "oak"]);
        assert_eq!(document.facets.len(), 2);
        assert_ne!(Facet::of_attribute(attribute, "Oak").key(), Facet::of_attribute(attribute, "Ash").key());
    }
}
