//! Counting what is found by what it is.

use std::collections::{BTreeMap, HashMap};

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::document::Kind;
use super::queries::labels::{self, FacetRow};

/// Values that are looked at, those that most products have first.
const MOST_KEYS: usize = 1000;
/// Values of a facet that are told.
const MOST_VALUES: usize = 100;
/// Attributes that are told of.
const MOST_ATTRIBUTES: usize = 20;

/// What the products of a list are, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Their brands.
    pub brands: Vec<FacetValue>,
    /// The categories in which they are, with all above those.
    pub categories: Vec<FacetValue>,
    /// Their attributes.
    pub attributes: Vec<AttributeFacet>,
    /// The lowest and the highest price, in minor units.
    pub prices: Option<(i64, i64)>,
}

/// How many products have a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// What a filter calls it.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// How many.
    pub count: i64,
}

/// The values of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeFacet {
    /// What a filter calls the attribute.
    pub value: String,
    /// What people call it.
    pub label: String,
    /// Its values.
    pub values: Vec<FacetValue>,
}

/// Counts eight bytes each.
fn counted(keys: &[u8]) -> Vec<(i64, i64)> {
    let mut counts: HashMap<[u8; 8], i64> = HashMap::new();
    for key in keys.as_chunks().0 {
        *counts.entry(*key).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(key, count)| (i64::from_be_bytes(key), count)).collect();
    counts.sort_unstable_by_key(|(key, count)| (-count, *key));
    counts.truncate(MOST_KEYS);
    counts
}

/// Names the counted keys.
pub(super) async fn named(tx: &mut TenantTx, keys: &[u8], prices: Option<(i64, i64)>) -> Result<Facets, DbError> {
    let counts = counted(keys);
    let rows = labels::facets(tx, &counts.iter().map(|(key, _)| *key).collect::<Vec<_>>()).await?;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.key, row)).collect();
    let (mut facets, mut own, mut attributes) = (Facets { prices, ..Facets::default() }, Vec::new(), Vec::new());
    for (key, count) in counts {
        let Some(FacetRow { kind, named, value, slug: Some(slug), name: Some(name), .. }) = rows.get(&key) else {
            continue;
        };
        match Kind::parse(kind) {
            Some(Kind::Brand) => facets.brands.push(FacetValue { value: slug.clone(), label: name.clone(), count }),
            Some(Kind::Category) => own.push((*named, count)),
            _ => attributes.push((slug, name, FacetValue::of_itself(value.as_deref().unwrap_or_default(), count))),
        }
    }
    facets.brands.truncate(MOST_VALUES);
    facets.categories = with_all_above(tx, &own).await?;
    facets.attributes = by_attribute(attributes);
    Ok(facets)
}

impl FacetValue {
    fn of_itself(value: &str, count: i64) -> Self {
        Self { value: value.to_owned(), label: value.to_owned(), count }
    }
}

/// A product is in its category and in all above it.
async fn with_all_above(tx: &mut TenantTx, own: &[(Uuid, i64)]) -> Result<Vec<FacetValue>, DbError> {
    if own.is_empty() {
        return Ok(Vec::new());
    }
    let above = labels::above(tx, &own.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
    let own: HashMap<_, _> = own.iter().copied().collect();
    let mut counts: BTreeMap<String, (String, i64)> = BTreeMap::new();
    for row in above {
        counts.entry(row.slug).or_insert((row.name, 0)).1 += own.get(&row.below).copied().unwrap_or_default();
    }
    let mut values: Vec<_> =
        counts.into_iter().map(|(value, (label, count))| FacetValue { value, label, count }).collect();
    values.sort_by_key(|value| -value.count);
    values.truncate(MOST_VALUES);
    Ok(values)
}

fn by_attribute(found: Vec<(&String, &String, FacetValue)>) -> Vec<AttributeFacet> {
    let mut attributes: Vec<AttributeFacet> = Vec::new();
    for (slug, name, value) in found {
        if let Some(attribute) = attributes.iter_mut().find(|attribute| attribute.value == *slug) {
            attribute.values.push(value);
        } else if attributes.len() < MOST_ATTRIBUTES {
            attributes.push(AttributeFacet { value: slug.clone(), label: name.clone(), values: vec![value] });
        }
    }
    attributes.iter_mut().for_each(|attribute| attribute.values.truncate(MOST_VALUES));
    attributes
}
