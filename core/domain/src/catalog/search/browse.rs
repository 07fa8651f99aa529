//! Lists of products: filtered, found, sorted, counted.

use std::collections::BTreeMap;

use kernel::{Limit, Page, Slug, Text as _};
use serde::{Deserialize, Serialize};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::choice::AttributeChoice;
use super::document::{Facet, Kind, facet_lexeme};
use super::facets::{self, Facets};
use super::queries::{found, labels};
use super::spelling::{allowance, distance, exchanges, grams, shared};
use super::wanted::{Asked, Wanted};
use crate::catalog::queries::list;
use crate::catalog::{CatalogError, Listed, Place, Sort, StockLevel, categories, ops};

/// Words that a misspelt one may have meant, at most.
const MOST_MEANT: usize = 5;

/// Which products a list shows: those that fit all that is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What was written into a search box.
    pub text: Option<String>,
    /// In this category or below it.
    pub category: Option<Slug>,
    /// Of this brand.
    pub brand: Option<Slug>,
    /// Of several values of one attribute, any.
    pub attributes: Vec<AttributeChoice>,
    /// At this price or above, in minor units.
    pub lowest: Option<i64>,
    /// At this price or below.
    pub highest: Option<i64>,
    /// Whether a higher price from before is shown.
    pub on_sale: Option<bool>,
    /// Whether something is left to sell.
    pub in_stock: Option<bool>,
    /// Whether visitors see it.
    pub active: Option<bool>,
    /// How much of it is left. Goes with a category, a brand and `active` alone.
    pub stock_level: Option<StockLevel>,
}

/// What a list is to tell beside its products.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wants {
    /// What the products are, counted.
    pub facets: bool,
    /// How many there are.
    pub total: bool,
}

/// Where a page ended, and what was looked for: that stays the same from page to page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "p")]
    place: Place,
    #[serde(rename = "w", default, skip_serializing_if = "Wanted::is_empty")]
    wanted: Wanted,
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct Browsed {
    /// The products.
    pub items: Vec<Listed>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
    /// How many products there are on all pages.
    pub total: Option<i64>,
    /// What those are.
    pub facets: Option<Facets>,
}

impl Filter {
    /// Whether a list of active products, of one category or of all, is all that is asked for.
    fn is_plain(&self) -> bool {
        *self == Self { category: self.category.clone(), active: Some(true), ..Self::default() }
    }

    /// Whether it leaves everything, or everything that is visible or is not.
    fn is_of_all(&self) -> bool {
        *self == Self { active: self.active, ..Self::default() }
    }

    /// Whether something was written that could be looked for.
    fn has_text(&self) -> bool {
        self.text.as_deref().is_some_and(|text| !text.trim().is_empty())
    }
}

impl Browsed {
    /// A page of a list that walks an index.
    fn walked(page: Page<Listed>, sort: Sort) -> Self {
        let last = page.items.last().filter(|_| page.more);
        let next = last.map(|product| Cursor { place: Place::of(product, sort), wanted: Wanted::default() });
        Self { items: page.items, next, ..Self::default() }
    }
}

/// A page of the products that fit `filter`, behind `after`. Without an order the most relevant come first where something
/// is looked for, else the newest.
///
/// # Errors
/// [`CatalogError::NoCategoryNamed`], [`CatalogError::NoBrandNamed`].
pub async fn browse(
    tx: &mut TenantTx,
    filter: &Filter,
    sort: Sort,
    after: Option<Cursor>,
    limit: Limit,
    wants: Wants,
) -> Result<Browsed, CatalogError> {
    if let Some(level) = filter.stock_level {
        return at_level(tx, level, filter, after, limit).await;
    }
    let text = filter.text.as_deref().filter(|_| filter.has_text());
    let sort = if sort == Sort::Relevance && text.is_none() { Sort::Newest } else { sort };
    let plain = Filter { text: None, ..filter.clone() }.is_plain() && text.is_none();
    let walks = plain && !(sort == Sort::BestSelling && filter.category.is_some());
    if walks && !wants.facets && !wants.total {
        let page = ops::list_visible(tx, filter.category.as_ref(), sort, after.map(|after| after.place), limit).await?;
        return Ok(Browsed::walked(page, sort));
    }
    if sort == Sort::Newest && filter.is_of_all() && !wants.facets && !wants.total {
        let page = ops::list_all(tx, filter.active, after.map(|after| after.place.product()), limit).await?;
        return Ok(Browsed::walked(page, sort));
    }
    let of_facets = facet_groups(tx, filter).await?;
    let asked = text.map(Asked::new);
    if asked.as_ref().is_some_and(Asked::is_empty) || of_facets.iter().any(Vec::is_empty) {
        let facets = wants.facets.then(Facets::default);
        return Ok(Browsed { total: wants.total.then_some(0), facets, ..Browsed::default() });
    }
    let (wanted, rows) = match (after, &asked) {
        (Some(after), _) => {
            let terms = after.wanted.terms(&of_facets);
            let rows = found::page(tx, &terms, filter, sort, &after.place, limit).await?;
            (after.wanted, rows)
        }
        (None, Some(asked)) => first_page(tx, asked, &of_facets, filter, sort, limit).await?,
        (None, None) => {
            let terms = Wanted::default().terms(&of_facets);
            (Wanted::default(), found::page(tx, &terms, filter, sort, &Place::start(sort), limit).await?)
        }
    };
    let page = Page::cut(rows, limit);
    let last = page.items.last().filter(|_| page.more).map(|(_, place)| place.clone());
    let ids: Vec<_> = page.items.iter().map(|(id, _)| *id).collect();
    let mut browsed = Browsed { items: list::in_order(tx, &ids).await?, ..Browsed::default() };
    if wants.facets || wants.total {
        let counted = found::count(tx, &wanted.terms(&of_facets), filter).await?;
        browsed.total = wants.total.then_some(counted.total);
        if wants.facets {
            let prices = counted.lowest.zip(counted.highest);
            browsed.facets = Some(facets::named(tx, &counted.facets.unwrap_or_default(), prices).await?);
        }
    }
    browsed.next = last.map(|place| Cursor { place, wanted });
    Ok(browsed)
}

/// A page of the products of which so much is left, the newest first.
async fn at_level(
    tx: &mut TenantTx,
    level: StockLevel,
    filter: &Filter,
    after: Option<Cursor>,
    limit: Limit,
) -> Result<Browsed, CatalogError> {
    let category = match &filter.category {
        Some(slug) => Some(categories::named(tx, slug).await?),
        None => None,
    };
    let brand = match &filter.brand {
        Some(slug) => Some(brand_named(tx, slug).await?),
        None => None,
    };
    let after = after.map(|after| after.place.product());
    let rows = list::at_level(tx, level, filter.active, category, brand, after, limit).await?;
    Ok(Browsed::walked(Page::cut(rows, limit), Sort::Newest))
}

async fn brand_named(tx: &mut TenantTx, slug: &Slug) -> Result<Uuid, CatalogError> {
    labels::brand(tx, slug.as_str()).await?.ok_or_else(|| CatalogError::NoBrandNamed(slug.clone()))
}

/// The facets that a filter names, each group with its alternatives; an empty group fits nothing.
async fn facet_groups(tx: &mut TenantTx, filter: &Filter) -> Result<Vec<Vec<String>>, CatalogError> {
    let lexeme = |facet: Facet| facet_lexeme(facet.key());
    let mut groups = Vec::new();
    if let Some(slug) = &filter.category {
        let category = categories::named(tx, slug).await?;
        let below = labels::below(tx, category.0).await?;
        groups.push(below.into_iter().map(|id| lexeme(Facet::new(Kind::Category, id))).collect());
    }
    if let Some(slug) = &filter.brand {
        let brand = brand_named(tx, slug).await?;
        groups.push(vec![lexeme(Facet::new(Kind::Brand, brand))]);
    }
    if !filter.attributes.is_empty() {
        let slugs: Vec<_> = filter.attributes.iter().map(|choice| choice.attribute().to_owned()).collect();
        let known = labels::attributes(tx, &slugs).await?;
        let mut by_attribute: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for choice in &filter.attributes {
            let alternatives = by_attribute.entry(choice.attribute()).or_default();
            let known = known.get(choice.attribute());
            alternatives.extend(known.map(|id| lexeme(Facet::of_attribute(*id, choice.value()))));
        }
        groups.extend(by_attribute.into_values());
    }
    Ok(groups)
}

/// The first page of what was asked for. Where nothing in the store has all the words, they are taken for misspelt; where
/// that finds nothing either, one of them is enough.
pub(super) async fn first_page(
    tx: &mut TenantTx,
    asked: &Asked,
    of_facets: &[Vec<String>],
    filter: &Filter,
    sort: Sort,
    limit: Limit,
) -> Result<(Wanted, Vec<(Uuid, Place)>), DbError> {
    let start = Place::start(sort);
    let named = labels::named_by(tx, &asked.labels()).await?;
    let wanted = asked.wanted(&named, None);
    let rows = found::page(tx, &wanted.terms(of_facets), filter, sort, &start, limit).await?;
    if !rows.is_empty() || is_there(tx, &wanted, filter).await? {
        return Ok((wanted, rows));
    }
    let meant = meant(tx, asked).await?;
    let corrected = asked.wanted(&named, Some(&meant));
    for otherwise in [Some(corrected.clone()), corrected.any(), wanted.clone().any()].into_iter().flatten() {
        if !otherwise.is_empty() && is_there(tx, &otherwise, filter).await? {
            let rows = found::page(tx, &otherwise.terms(of_facets), filter, sort, &start, limit).await?;
            return Ok((otherwise, rows));
        }
    }
    Ok((wanted, rows))
}

/// Whether the words are found at all: where they are, it is the filter that leaves nothing.
async fn is_there(tx: &mut TenantTx, wanted: &Wanted, filter: &Filter) -> Result<bool, DbError> {
    let seen = Filter { active: filter.active, ..Filter::default() };
    Ok(found::count(tx, &wanted.terms(&[]), &seen).await?.total > 0)
}

/// What each word may have meant; itself, where the store has it. Words that the store has nothing like are left out.
async fn meant(tx: &mut TenantTx, asked: &Asked) -> Result<BTreeMap<String, Vec<String>>, DbError> {
    let mut meant = BTreeMap::new();
    for word in asked.words() {
        let most = allowance(word);
        let exchanges = if most > 0 { exchanges(word) } else { vec![word.to_owned()] };
        let like = labels::like(tx, &grams(word), shared(word), &exchanges).await?;
        let mut near: Vec<_> =
            like.into_iter().filter_map(|other| Some((distance(word, &other, most)?, other))).collect();
        near.sort();
        near.dedup();
        let Some((least, _)) = near.first() else { continue };
        let least = *least;
        let nearest = near.into_iter().take_while(|(steps, _)| *steps == least).take(MOST_MEANT);
        meant.insert(word.to_owned(), nearest.map(|(_, other)| other).collect());
    }
    Ok(meant)
}
