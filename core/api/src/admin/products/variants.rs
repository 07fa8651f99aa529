//! The variants of a product, as staff sees and writes them.

use domain::audit::Entry;
use domain::catalog::{self, MOST_OPTIONS, OptionName, OptionValue, Product, ProductId, Sku, VariantChange, VariantId};
use kernel::Currency;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::begin_with;
use super::body::{VariantBody, optional};
use super::shown::VariantShown;
use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Entries, Expected, Fail, In, Maybe, MoneyBody, Problem, Reads,
    Removes, Versioned, given, json,
};
use crate::tag::Tag;

pub(crate) struct VariantsApi;

/// What of a variant is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantChangeBody {
    /// The store's own name for it; null takes it away.
    #[serde(default)]
    sku: Maybe<In<Sku>>,
    /// One value for each option of the product.
    #[serde(default, deserialize_with = "given")]
    options: Option<Entries<OptionName, OptionValue, MOST_OPTIONS>>,
    /// What it costs without discounts.
    #[serde(default, deserialize_with = "given")]
    price: Option<MoneyBody>,
}

/// The variants of a product: all of them, at most 100.
#[derive(Object, Serialize)]
struct VariantPage {
    /// The variants, in the order in which they are shown.
    items: Vec<VariantShown>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// The variant of this id, with its version.
fn shown(product: &Product, id: VariantId, currency: Currency) -> Result<(VariantShown, i64), Problem> {
    let variant = product.variant(id)?;
    Ok((VariantShown::new(product, variant, currency), variant.version))
}

#[OpenApi(prefix_path = "/products", tag = "Tag::Catalog")]
impl VariantsApi {
    /// List a product's variants
    ///
    /// All of them, in the order in which they are shown.
    #[oai(path = "/:id/variants", method = "get", operation_id = "listVariants")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The product's id.
        id: Path<Uuid>,
    ) -> Result<Answer<VariantPage>, Fail<Reads>> {
        let product = catalog::product(&mut caller.begin_catalog().await?, ProductId(id.0)).await?;
        let currency = caller.store.currency;
        let items = product.variants.iter().map(|variant| VariantShown::new(&product, variant, currency)).collect();
        Ok(Answer::plain(&VariantPage { items, next_cursor: None })?)
    }

    /// Add a variant
    ///
    /// It has one value for each option of the product, and is shown behind the others.
    #[oai(path = "/:id/variants", method = "post", operation_id = "addVariant")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        body: Body<VariantBody>,
    ) -> Result<Created<VariantShown>, Fail<Creates>> {
        let stock = body.0.stock();
        let new = body.0.parse(caller.store.currency, "/price")?;
        let mut change = caller.change().await?;
        let (mut product, added) = catalog::add_variant(change.tx(), ProductId(id.0), &new).await?;
        if begin_with(&caller, &mut change, std::iter::once((added, stock))).await? {
            product = catalog::product(change.tx(), product.id).await?;
        }
        let (shown, version) = shown(&product, added, caller.store.currency)?;
        change.commit(Entry::new("addVariant", "variant", added).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/products/{}/variants/{added}", id.0), &shown, version)?)
    }

    /// Get a variant
    ///
    /// One variant, with the version that a change of it names.
    #[oai(path = "/:id/variants/:variant_id", method = "get", operation_id = "getVariant")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// The variant's id.
        variant_id: Path<Uuid>,
    ) -> Result<Versioned<VariantShown>, Fail<Reads>> {
        let product = catalog::product(&mut caller.begin_catalog().await?, ProductId(id.0)).await?;
        let (shown, version) = shown(&product, VariantId(variant_id.0), caller.store.currency)?;
        Ok(Answer::of_version(&shown, version)?)
    }

    /// Change a variant
    ///
    /// What is left out stays.
    #[oai(path = "/:id/variants/:variant_id", method = "patch", operation_id = "changeVariant")]
    async fn change(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// The variant's id.
        variant_id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<VariantChangeBody>,
    ) -> Result<Versioned<VariantShown>, Fail<Changes>> {
        let (product, id, currency) = (ProductId(id.0), VariantId(variant_id.0), caller.store.currency);
        let wanted = VariantChange {
            sku: body.0.sku.change(|sku| sku.0),
            options: body.0.options.map(|entries| entries.0),
            price: optional(body.0.price.as_ref(), currency, "/price")?,
        };
        let mut change = caller.change().await?;
        let (before, _) = shown(&catalog::product(change.tx(), product).await?, id, currency)?;
        let changed = catalog::change_variant(change.tx(), product, id, expected.0, &wanted).await?;
        let (after, version) = shown(&changed, id, currency)?;
        change.commit(Entry::new("changeVariant", "variant", id).before(json(&before)).after(json(&after))).await?;
        Ok(Answer::of_version(&after, version)?)
    }

    /// Remove a variant
    ///
    /// A product keeps one at least. One with a stock history stays, for the books: set its stock to 0 to sell no more of it.
    #[oai(path = "/:id/variants/:variant_id", method = "delete", operation_id = "removeVariant")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        /// The variant's id.
        variant_id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (product, id) = (ProductId(id.0), VariantId(variant_id.0));
        let mut change = caller.change().await?;
        let (before, _) = shown(&catalog::product(change.tx(), product).await?, id, caller.store.currency)?;
        catalog::remove_variant(change.tx(), product, id, expected.0).await?;
        change.commit(Entry::new("removeVariant", "variant", id).before(json(&before))).await?;
        Ok(Done)
    }
}
