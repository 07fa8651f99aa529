//! The variants of a product that is there: adding, changing and removing one, and choosing by other options.

use std::collections::BTreeMap;

use kernel::{Amount, FieldError, Text};
use tenants::TenantTx;

use super::ops::{finish, lock_product};
use super::queries::{prices, products, variants as queries};
use super::{
    CatalogError, MOST_VARIANTS, NewVariant, OptionName, OptionValue, Product, ProductId, ProductOption, Sku, Variant,
    VariantId,
};

/// What of a variant is to be changed; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct VariantChange {
    /// Its SKU; `Some(None)` takes it away.
    pub sku: Option<Option<Sku>>,
    /// One value for each option of the product.
    pub options: Option<BTreeMap<OptionName, OptionValue>>,
    /// What it costs without a discount.
    pub price: Option<Amount>,
}

impl Product {
    /// One of its variants.
    ///
    /// # Errors
    /// [`CatalogError::NoVariant`].
    pub fn variant(&self, id: VariantId) -> Result<&Variant, CatalogError> {
        self.variants.iter().find(|variant| variant.id == id).ok_or(CatalogError::NoVariant(id))
    }

    /// Refuses choices that are not one of each option, and those of another variant than `own`.
    fn check_choices(&self, own: VariantId, chosen: &BTreeMap<String, String>) -> Result<(), CatalogError> {
        let fault = |why: &str| Err(CatalogError::BadVariants(vec![FieldError::new("/options", why)]));
        if !fits(&self.options, chosen) {
            return fault("must name one value of each option of the product, and nothing else");
        }
        if self.variants.iter().any(|variant| variant.id != own && variant.options == *chosen) {
            return fault("another variant has the same");
        }
        Ok(())
    }
}

/// Whether `chosen` names one value of each of `options`, and nothing else.
fn fits(options: &[ProductOption], chosen: &BTreeMap<String, String>) -> bool {
    let known = |option: &ProductOption| {
        let value = chosen.get(option.name.as_str());
        value.is_some_and(|value| option.values.iter().any(|known| known.as_str() == value))
    };
    chosen.len() == options.len() && options.iter().all(known)
}

fn named(options: &BTreeMap<OptionName, OptionValue>) -> BTreeMap<String, String> {
    options.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned())).collect()
}

/// Adds a variant to a product, behind those that it has.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`CatalogError::BadVariants`], [`CatalogError::SkuTaken`].
pub async fn add_variant(
    tx: &mut TenantTx,
    product: ProductId,
    new: &NewVariant,
) -> Result<(Product, VariantId), CatalogError> {
    prices::enter(tx).await?;
    let whole = lock_product(tx, product, None).await?;
    if whole.variants.len() >= MOST_VARIANTS {
        let why = format!("a product has at most {MOST_VARIANTS} variants");
        return Err(CatalogError::BadVariants(vec![FieldError::new("", why)]));
    }
    let price = new.price.unwrap_or(whole.list);
    let variant = Variant {
        id: VariantId::generate(),
        sku: new.sku.clone(),
        options: named(&new.options),
        price,
        list: price,
        in_stock: false,
        version: 1,
    };
    whole.check_choices(variant.id, &variant.options)?;
    queries::insert(tx, product, &variant).await?;
    products::touch(tx, product).await?;
    Ok((finish(tx, product).await?, variant.id))
}

/// Changes a variant where `expected` is still its version.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`CatalogError::NoVariant`], [`CatalogError::Stale`], [`CatalogError::BadVariants`],
/// [`CatalogError::SkuTaken`].
pub async fn change_variant(
    tx: &mut TenantTx,
    product: ProductId,
    id: VariantId,
    expected: Option<i64>,
    change: &VariantChange,
) -> Result<Product, CatalogError> {
    prices::enter(tx).await?;
    let whole = lock_product(tx, product, None).await?;
    let mut variant = current(&whole, id, expected)?.clone();
    if let Some(options) = &change.options {
        variant.options = named(options);
        whole.check_choices(id, &variant.options)?;
    }
    variant.sku = change.sku.clone().unwrap_or(variant.sku);
    variant.list = change.price.unwrap_or(variant.list);
    queries::update(tx, &variant).await?;
    products::touch(tx, product).await?;
    finish(tx, product).await
}

fn current(product: &Product, id: VariantId, expected: Option<i64>) -> Result<&Variant, CatalogError> {
    let variant = product.variant(id)?;
    match expected {
        Some(expected) if expected != variant.version => Err(CatalogError::Stale),
        _ => Ok(variant),
    }
}

/// Removes a variant where `expected` is still its version. One stays.
///
/// # Errors
/// [`CatalogError::NoProduct`], [`CatalogError::NoVariant`], [`CatalogError::Stale`], [`CatalogError::LastVariant`],
/// [`CatalogError::VariantHasHistory`].
pub async fn remove_variant(
    tx: &mut TenantTx,
    product: ProductId,
    id: VariantId,
    expected: Option<i64>,
) -> Result<(), CatalogError> {
    prices::enter(tx).await?;
    let whole = lock_product(tx, product, None).await?;
    current(&whole, id, expected)?;
    if whole.variants.len() == 1 {
        return Err(CatalogError::LastVariant);
    }
    queries::delete(tx, id).await?;
    products::touch(tx, product).await?;
    finish(tx, product).await.map(drop)
}

/// Refuses options that the variants of a product do not fit.
pub(super) fn check_options(product: &Product, options: &[ProductOption]) -> Result<(), CatalogError> {
    let strange = product.variants.iter().find(|variant| !fits(options, &variant.options));
    let Some(variant) = strange else { return Ok(()) };
    let name = product.variant_name(variant);
    let why = format!("the variant {name} would not have one value of each; change or remove it first");
    Err(CatalogError::BadVariants(vec![FieldError::new("/options", why)]))
}
