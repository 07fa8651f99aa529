//! What somebody who is still writing may be looking for.

use kernel::Limit;
use tenants::{DbError, TenantTx};

use super::browse::{Filter, first_page};
use super::queries::labels;
use super::wanted::Asked;
use crate::catalog::queries::list;
use crate::catalog::{Listed, Sort};

/// Products that are suggested, at most.
const MOST_PRODUCTS: u8 = 8;

/// What may be meant, as far as it is written.
#[derive(Debug, Clone, Default)]
pub struct Suggestions {
    /// Products, the best first.
    pub products: Vec<Listed>,
    /// The slugs and names of brands.
    pub brands: Vec<(String, String)>,
    /// The slugs and names of categories.
    pub categories: Vec<(String, String)>,
}

/// Suggests what visitors can see: products, and brands and categories whose names hold the last word begun.
///
/// # Errors
/// [`DbError`].
pub async fn suggest(tx: &mut TenantTx, text: &str) -> Result<Suggestions, DbError> {
    let asked = Asked::new(text);
    let Some(last) = asked.words().last() else { return Ok(Suggestions::default()) };
    let filter = Filter { active: Some(true), ..Filter::default() };
    let limit = Limit::new(MOST_PRODUCTS).unwrap_or_default();
    let (_, found) = first_page(tx, &asked, &[], &filter, Sort::Relevance, limit).await?;
    let ids: Vec<_> = found.iter().take(usize::from(MOST_PRODUCTS)).map(|(id, _)| *id).collect();
    let named = |rows: Vec<labels::Named>| rows.into_iter().map(|row| (row.slug, row.name)).collect();
    Ok(Suggestions {
        products: list::in_order(tx, &ids).await?,
        brands: named(labels::brands(tx, last).await?),
        categories: named(labels::categories(tx, last).await?),
    })
}
