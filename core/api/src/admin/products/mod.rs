//! Products, as staff sees and writes them.

mod body;
mod shown;
mod variants;

use domain::access::Permission;
use domain::audit::Entry;
use domain::catalog::{self, Cursor, Filter, ProductId, Sort, StockLevel, VariantId, Wants};
use domain::images;
use domain::stock;
use kernel::{FieldError, Limit, Slug};
use poem::http::StatusCode;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, OpenApi};
use uuid::Uuid;

use self::body::{NewProductBody, ProductChangeBody};
use self::shown::{ListedShown, ProductPage, ProductShown};
pub(crate) use self::variants::VariantsApi;
use super::images::StaffImage;
use crate::guard::may::May;
use crate::guard::{Allowed, Change, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, Problem, Reads, Removes, Versioned, json,
};
use crate::tag::Tag;

pub(crate) struct ProductsApi;

#[OpenApi(prefix_path = "/products", tag = "Tag::Catalog")]
impl ProductsApi {
    /// List products
    ///
    /// All products, visible or not, page by page; what fits `q` best first, or the newest first without.
    #[oai(path = "/", method = "get", operation_id = "listProducts")]
    #[expect(clippy::too_many_arguments, reason = "one for each parameter of the address")]
    async fn list(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// What is looked for, as the storefront looks for it.
        #[oai(validator(max_length = 10_000))]
        q: Query<Option<String>>,
        /// The slug of a category: what is in it, and in all below it.
        category: Query<Option<In<Slug>>>,
        /// The slug of a brand.
        brand: Query<Option<In<Slug>>>,
        /// Only those that visitors see, or only those that they do not.
        active: Query<Option<bool>>,
        /// Only those of which so much is left to sell, in all variants and places together; not beside `q`. The store's settings
        /// say how much is how much: 10 and fewer are critical, 50 and fewer medium where they say nothing else.
        stock_level: Query<Option<LevelParam>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 6000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<ProductPage>, Fail<Reads>> {
        let filter = Filter {
            text: q.0,
            category: category.0.map(|slug| slug.0),
            brand: brand.0.map(|slug| slug.0),
            active: active.0,
            stock_level: stock_level.0.map(StockLevel::from),
            ..Filter::default()
        };
        if filter.stock_level.is_some() && filter.text.is_some() {
            let detail = "does not go together with `q`";
            return Err(Problem::of_field(FieldError::new("/query/stock_level", detail)).into());
        }
        let (scope, cursors) = (("admin products", caller.store.id.0, format!("{filter:?}")), &caller.app().cursors);
        let after: Option<Cursor> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = caller.begin_catalog().await?;
        let page = catalog::browse(&mut tx, &filter, Sort::Relevance, after, limit, Wants::default()).await?;
        let first = images::first_images(&mut tx, page.items.iter().map(|product| product.id)).await?;
        let currency = caller.store.currency;
        let shown = ProductPage {
            items: page
                .items
                .iter()
                .map(|product| {
                    let image = first.get(&product.id).map(|image| StaffImage::new(image, &caller));
                    ListedShown::new(product, image.into_iter().collect(), currency)
                })
                .collect(),
            next_cursor: page.next.and_then(|next| cursors.seal(&scope, &next)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a product
    ///
    /// A product written without variants gets one. The slug is made of the name where it is left out.
    #[oai(path = "/", method = "post", operation_id = "addProduct")]
    async fn add(
        &self,
        caller: Allowed<may::WriteCatalog>,
        body: Body<NewProductBody>,
    ) -> Result<Created<ProductShown>, Fail<Creates>> {
        let stock = body.0.stock()?;
        let new = body.0.parse(caller.store.currency)?;
        let mut change = caller.change().await?;
        let mut product = catalog::add_product(change.tx(), &new).await?;
        let ids: Vec<_> = product.variants.iter().map(|variant| variant.id).collect();
        if begin_with(&caller, &mut change, ids.into_iter().zip(stock)).await? {
            product = catalog::product(change.tx(), product.id).await?;
        }
        let shown = ProductShown::new(&product, Vec::new(), caller.store.currency);
        change.commit(Entry::new("addProduct", "product", product.id).after(json(&shown))).await?;
        let location = format!("/admin/v1/products/{}", product.id);
        Ok(Created::at(location, &shown, product.version)?)
    }

    /// Get a product
    ///
    /// With its variants, visible or not.
    #[oai(path = "/:id", method = "get", operation_id = "getProduct")]
    async fn get(
        &self,
        caller: Allowed<may::ReadCatalog>,
        /// The product's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<ProductShown>, Fail<Reads>> {
        let mut tx = caller.begin_catalog().await?;
        let product = catalog::product(&mut tx, ProductId(id.0)).await?;
        let images = StaffImage::all(&images::images(&mut tx, product.id).await?, &caller);
        let shown = ProductShown::new(&product, images, caller.store.currency);
        Ok(Answer::of_version(&shown, product.version)?)
    }

    /// Change a product
    ///
    /// What is left out stays. A new name leaves the slug as it is, so that links hold.
    #[oai(path = "/:id", method = "patch", operation_id = "changeProduct")]
    async fn change(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<ProductChangeBody>,
    ) -> Result<Versioned<ProductShown>, Fail<Changes>> {
        let (id, wanted) = (ProductId(id.0), body.0.parse(caller.store.currency)?);
        let mut change = caller.change().await?;
        let product = catalog::product(change.tx(), id).await?;
        let images = images::images(change.tx(), id).await?;
        let shown = |product| ProductShown::new(product, StaffImage::all(&images, &caller), caller.store.currency);
        let before = shown(&product);
        let product = catalog::change_product(change.tx(), id, expected.0, &wanted).await?;
        let shown = shown(&product);
        change.commit(Entry::new("changeProduct", "product", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, product.version)?)
    }

    /// Remove a product
    ///
    /// With its variants, for good. One with a stock history stays: to take it off the shelf only, set `active` to false.
    #[oai(path = "/:id", method = "delete", operation_id = "removeProduct")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteCatalog>,
        /// The product's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = ProductId(id.0);
        let mut change = caller.change().await?;
        let product = catalog::product(change.tx(), id).await?;
        let images = StaffImage::all(&images::images(change.tx(), id).await?, &caller);
        let before = ProductShown::new(&product, images, caller.store.currency);
        catalog::remove_product(change.tx(), id, expected.0).await?;
        images::sweep_later(change.tx()).await?;
        change.commit(Entry::new("removeProduct", "product", id).before(json(&before))).await?;
        Ok(Done)
    }
}

/// Puts what variants begin with on the shelf. False where nothing is said of that.
async fn begin_with<P: May>(
    caller: &Allowed<P>,
    change: &mut Change,
    stock: impl Iterator<Item = (VariantId, Option<i64>)>,
) -> Result<bool, Problem> {
    let said: Vec<_> = stock.filter_map(|(variant, quantity)| Some((variant, quantity?))).collect();
    let may = caller.permissions().holds(Permission::StockWrite);
    if !said.is_empty() && !may {
        let detail = "saying what is in stock needs the permission `stock.write`, which you do not have";
        return Err(Problem::new(StatusCode::FORBIDDEN, "access.denied", detail));
    }
    for (variant, quantity) in &said {
        let actor = change.actor();
        stock::begin_with(change.tx(), *variant, *quantity, actor).await?;
    }
    Ok(!said.is_empty())
}

/// How much is left of a product.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "StockLevelWord", rename_all = "snake_case")]
enum LevelParam {
    /// So little that it is soon gone.
    Critical,
    /// Less than plenty.
    Medium,
    /// Plenty.
    Good,
}

impl From<LevelParam> for StockLevel {
    fn from(level: LevelParam) -> Self {
        match level {
            LevelParam::Critical => Self::Critical,
            LevelParam::Medium => Self::Medium,
            LevelParam::Good => Self::Good,
        }
    }
}

fn twenty() -> u8 {
    20
}
