//! Keeping what products are found by, in the transaction that writes them.

use std::collections::BTreeSet;

use kernel::Text as _;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::document::{Document, Kind, all_words, is_spelt};
use super::queries::kept as queries;
use super::spelling::grams;
use super::wanted::spellings;
use super::words::words;
use crate::catalog::{BrandId, BrandName, CategoryId, CategoryName, ProductId};

/// Words of the name of a brand or a category that count.
const OF_LABEL: usize = 20;

/// Takes in what products are found by, once they are written.
///
/// # Errors
/// [`DbError`].
pub(in crate::catalog) async fn keep(tx: &mut TenantTx, ids: &[ProductId]) -> Result<(), DbError> {
    let sources = queries::sources(tx, ids).await?;
    let documents: Vec<_> = sources.iter().map(|(id, source)| (*id, Document::of(source))).collect();
    queries::write(tx, &documents).await?;
    let facets: BTreeSet<_> = documents.iter().flat_map(|(_, document)| &document.facets).cloned().collect();
    queries::name_facets(tx, &Vec::from_iter(facets)).await?;
    let known: BTreeSet<_> = documents.into_iter().flat_map(|(_, document)| document.vocabulary).collect();
    learn(tx, &Vec::from_iter(known)).await
}

/// Takes in the name of a brand.
///
/// # Errors
/// [`DbError`].
pub(in crate::catalog) async fn keep_brand(tx: &mut TenantTx, id: BrandId, name: &BrandName) -> Result<(), DbError> {
    keep_label(tx, Kind::Brand, id.0, name.as_str()).await
}

/// Takes in the name of a category.
///
/// # Errors
/// [`DbError`].
pub(in crate::catalog) async fn keep_category(
    tx: &mut TenantTx,
    id: CategoryId,
    name: &CategoryName,
) -> Result<(), DbError> {
    keep_label(tx, Kind::Category, id.0, name.as_str()).await
}

/// Forgets the name of a brand or a category that is no more.
///
/// # Errors
/// [`DbError`].
pub(in crate::catalog) async fn forget(tx: &mut TenantTx, named: Uuid) -> Result<(), DbError> {
    queries::forget_label(tx, named).await
}

async fn keep_label(tx: &mut TenantTx, kind: Kind, named: Uuid, name: &str) -> Result<(), DbError> {
    let words: Vec<_> = words(name, OF_LABEL).iter().flat_map(all_words).collect();
    let spelt: BTreeSet<_> = words.iter().flat_map(spellings).collect();
    queries::forget_label(tx, named).await?;
    queries::add_label(tx, kind, named, &Vec::from_iter(spelt)).await?;
    let known: BTreeSet<_> = words.iter().flat_map(|word| word.forms()).filter(|form| is_spelt(form)).collect();
    learn(tx, &known.into_iter().map(str::to_owned).collect::<Vec<_>>()).await
}

/// Adds words to what misspelt ones may have meant. They come in order, so that two who add the same ones wait for each
/// other and not in a ring.
async fn learn(tx: &mut TenantTx, words: &[String]) -> Result<(), DbError> {
    let new = queries::add_words(tx, words).await?;
    if new.is_empty() {
        return Ok(());
    }
    let pairs: BTreeSet<_> =
        new.iter().flat_map(|word| grams(word).into_iter().map(|gram| (gram, word.clone()))).collect();
    let (grams, words): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    queries::add_grams(tx, &grams, &words).await
}
