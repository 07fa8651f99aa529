//! Lists of products and suggestions, as visitors see them.

use domain::catalog::{self, AttributeChoice, AttributeFacet, Cursor, FacetValue, Facets, Filter, Listed, Sort, Wants};
use kernel::{Amount, Currency, Limit, Money, Slug};
use poem_openapi::param::{Header, Query};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use tenants::{DbError, TenantTx};

use super::products::ListedShown;
use crate::guard::Visitor;
use crate::http::{Fail, In, MinorUnits, MoneyShown, Shown, StoreReads};
use crate::images::ImageShown;
use crate::tag::Tag;

pub(crate) struct BrowseApi;

/// The order of a list.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "ProductSort")]
enum SortParam {
    /// What fits `q` best first.
    #[oai(rename = "relevance")]
    Relevance,
    /// The newest first.
    #[oai(rename = "newest")]
    Newest,
    /// The cheapest first.
    #[oai(rename = "price")]
    PriceUp,
    /// The dearest first.
    #[oai(rename = "-price")]
    PriceDown,
    /// By name.
    #[oai(rename = "name")]
    Name,
    /// What was sold most first.
    #[oai(rename = "best_selling")]
    BestSelling,
}

impl From<SortParam> for Sort {
    fn from(sort: SortParam) -> Self {
        match sort {
            SortParam::Relevance => Self::Relevance,
            SortParam::Newest => Self::Newest,
            SortParam::PriceUp => Self::PriceUp,
            SortParam::PriceDown => Self::PriceDown,
            SortParam::Name => Self::Name,
            SortParam::BestSelling => Self::BestSelling,
        }
    }
}

#[OpenApi(tag = "Tag::Catalog")]
impl BrowseApi {
    /// List products
    ///
    /// The products that are for sale, page by page. Pass `next_cursor` on as `cursor` for the next page; it is good
    /// for the same store, filter and order only.
    ///
    /// `q` finds words in any of their forms, in names, brands, categories, attributes, SKUs and descriptions, with the
    /// words that they begin; where nothing has all of them, they are taken for misspelt, and then one of them is enough.
    #[oai(path = "/products", method = "get", operation_id = "listProducts")]
    #[expect(clippy::too_many_arguments, reason = "one for each parameter of the address")]
    async fn list(
        &self,
        visitor: Visitor,
        /// What is looked for. Its first eight words and 400 characters count; signs between them do not, and nothing that
        /// can be written is an error.
        #[oai(validator(max_length = 10_000))]
        q: Query<Option<String>>,
        /// The slug of a category: what is in it, and in all below it.
        category: Query<Option<In<Slug>>>,
        /// The slug of a brand.
        brand: Query<Option<In<Slug>>>,
        /// The lowest price, in minor units.
        price_min: Query<Option<MinorUnits>>,
        /// The highest price, in minor units.
        price_max: Query<Option<MinorUnits>>,
        /// Only what can be had now, or only what can't.
        in_stock: Query<Option<bool>>,
        /// Only what cost more before, or only what did not.
        on_sale: Query<Option<bool>>,
        /// An attribute's slug and a value: `material:Oak`. Of several values of one attribute, any will do.
        #[oai(default, validator(max_items = 20))]
        attr: Query<Vec<In<AttributeChoice>>>,
        /// The order; where it is left out, relevance with `q`, and the newest first without.
        sort: Query<Option<SortParam>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 6000))]
        cursor: Query<Option<String>>,
        /// Whether to count what the products of all pages are.
        #[oai(default)]
        facets: Query<bool>,
        /// Whether to count the products of all pages.
        #[oai(default)]
        with_total: Query<bool>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown<ProductPage>, Fail<StoreReads>> {
        let limit = Limit::new(limit.0).unwrap_or_default();
        let minor = |bound: Option<MinorUnits>| bound.map(|bound| bound.0.minor());
        let filter = Filter {
            text: q.0,
            category: category.0.map(|slug| slug.0),
            brand: brand.0.map(|slug| slug.0),
            attributes: attr.0.into_iter().map(|choice| choice.0).collect(),
            lowest: minor(price_min.0),
            highest: minor(price_max.0),
            on_sale: on_sale.0,
            in_stock: in_stock.0,
            active: Some(true),
            stock_level: None,
        };
        let sort = sort.0.map_or(Sort::Relevance, Sort::from);
        let scope = ("products", visitor.store.id.0, format!("{filter:?} {sort:?}"));
        let cursors = &visitor.app().cursors;
        let after: Option<Cursor> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let wants = Wants { facets: facets.0, total: with_total.0 };
        let asked = format!("products {filter:?} {sort:?} {after:?} {limit:?} {wants:?}");
        let made = visitor.everybodys(asked, async |mut tx| {
            let found = catalog::browse(&mut tx, &filter, sort, after, limit, wants).await?;
            Ok(ProductPage {
                items: shown(&mut tx, &visitor, &found.items).await?,
                next_cursor: found.next.and_then(|next| cursors.seal(&scope, &next)),
                total: found.total,
                facets: found.facets.map(|facets| FacetsShown::new(facets, visitor.store.currency)),
            })
        });
        Ok(Shown::shared(made.await?, if_none_match.0.as_deref()))
    }

    /// Suggest what is looked for
    ///
    /// For a box that somebody is writing into: the products that fit best, and the brands and categories that have a
    /// word that begins as the last one does.
    #[oai(path = "/suggestions", method = "get", operation_id = "suggest")]
    async fn suggest(
        &self,
        visitor: Visitor,
        /// What is written so far. Its first eight words and 400 characters count.
        #[oai(validator(max_length = 10_000))]
        q: Query<Option<String>>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown<SuggestionsShown>, Fail<StoreReads>> {
        let text = q.0.unwrap_or_default();
        let made = visitor.everybodys(format!("suggestions {text}"), async |mut tx| {
            let found = catalog::suggest(&mut tx, &text).await?;
            let named = |names: Vec<(String, String)>| {
                names.into_iter().map(|(slug, name)| SuggestedName { slug, name }).collect::<Vec<_>>()
            };
            Ok(SuggestionsShown {
                products: shown(&mut tx, &visitor, &found.products).await?,
                brands: named(found.brands),
                categories: named(found.categories),
            })
        });
        Ok(Shown::shared(made.await?, if_none_match.0.as_deref()))
    }
}

/// Products as lists show them, each with its first image.
async fn shown(tx: &mut TenantTx, visitor: &Visitor, products: &[Listed]) -> Result<Vec<ListedShown>, DbError> {
    let mut first = ImageShown::first(tx, products.iter().map(|product| product.id), visitor.app()).await?;
    let mut image = |product: &Listed| first.remove(&product.id).unwrap_or_default();
    let currency = visitor.store.currency;
    Ok(products.iter().map(|product| ListedShown::new(product, image(product), currency)).collect())
}

fn twenty() -> u8 {
    20
}

/// A page of products.
#[derive(Object, Serialize)]
struct ProductPage {
    /// The products.
    items: Vec<ListedShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
    /// How many products all pages hold; null unless it is asked for.
    total: Option<i64>,
    /// What the products of all pages are; null unless it is asked for.
    facets: Option<FacetsShown>,
}

/// What the products of all pages are, counted; the most frequent first.
#[derive(Object, Serialize)]
#[oai(rename = "Facets")]
struct FacetsShown {
    /// Their brands.
    brand: Vec<FacetValueShown>,
    /// Their categories. A product counts in its own and in all above it.
    category: Vec<FacetValueShown>,
    /// Their attributes.
    attributes: Vec<AttributeFacetShown>,
    /// What they cost; null where there are none.
    price: Option<PricesShown>,
}

/// How many products have a value.
#[derive(Object, Serialize)]
#[oai(rename = "FacetValue")]
struct FacetValueShown {
    /// What a filter calls it.
    value: String,
    /// What people call it.
    label: String,
    /// How many products.
    count: i64,
}

/// The values of an attribute.
#[derive(Object, Serialize)]
#[oai(rename = "AttributeFacet")]
struct AttributeFacetShown {
    /// What a filter calls the attribute.
    value: String,
    /// What people call it.
    label: String,
    /// Its values: `{value of the attribute}:{value}` is what `attr` takes.
    values: Vec<FacetValueShown>,
}

/// The lowest and the highest price.
#[derive(Object, Serialize)]
#[oai(rename = "Prices")]
struct PricesShown {
    /// The lowest.
    min: MoneyShown,
    /// The highest.
    max: MoneyShown,
}

/// What may be meant.
#[derive(Object, Serialize)]
#[oai(rename = "Suggestions")]
struct SuggestionsShown {
    /// Products, the best first; at most eight.
    products: Vec<ListedShown>,
    /// Brands; at most four.
    brands: Vec<SuggestedName>,
    /// Categories; at most four.
    categories: Vec<SuggestedName>,
}

/// A brand or a category.
#[derive(Object, Serialize)]
struct SuggestedName {
    /// Its name in addresses, as filters name it.
    slug: String,
    /// Its name for people.
    name: String,
}

impl FacetsShown {
    fn new(facets: Facets, currency: Currency) -> Self {
        let money = |minor| Amount::new(minor).map(|amount| MoneyShown::from(Money { amount, currency }));
        let prices = facets.prices.and_then(|(min, max)| Some(PricesShown { min: money(min)?, max: money(max)? }));
        Self {
            brand: values(facets.brands),
            category: values(facets.categories),
            attributes: facets.attributes.into_iter().map(AttributeFacetShown::from).collect(),
            price: prices,
        }
    }
}

fn values(values: Vec<FacetValue>) -> Vec<FacetValueShown> {
    let shown = |FacetValue { value, label, count }| FacetValueShown { value, label, count };
    values.into_iter().map(shown).collect()
}

impl From<AttributeFacet> for AttributeFacetShown {
    fn from(facet: AttributeFacet) -> Self {
        Self { value: facet.value, label: facet.label, values: values(facet.values) }
    }
}
