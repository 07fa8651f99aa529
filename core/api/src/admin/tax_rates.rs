//! Tax rates, as staff writes them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::catalog::CategoryId;
use domain::pricing::{self, BasisPoints, NewTaxRate, Region, TaxName, TaxRate, TaxRateChange, TaxRateId};
use kernel::{Country, FieldError, Limit, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, Problem, Reads, Removes, Versioned, Whole,
    given, json,
};
use crate::tag::Tag;

pub(crate) struct TaxRatesApi;

#[OpenApi(prefix_path = "/tax-rates", tag = "Tag::Store")]
impl TaxRatesApi {
    /// List tax rates
    ///
    /// All of the store's, the newest first.
    #[oai(path = "/", method = "get", operation_id = "listTaxRates")]
    async fn list(
        &self,
        caller: Allowed<may::ReadStore>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<TaxRatePage>, Fail<Reads>> {
        let (scope, cursors) = (("admin tax rates", caller.store.id.0), &caller.app().cursors);
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = pricing::list_tax_rates(&mut caller.begin_read().await?, after.map(TaxRateId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|rate| rate.id.0);
        let shown = TaxRatePage {
            items: page.items.iter().map(TaxRateShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a tax rate
    ///
    /// For a place and a category there is one rate. What is bought bears the rate of the nearest place (its region, its
    /// country, everywhere) and there that of the nearest category (its own, the one above it, none). Whether prices
    /// include tax is a setting of the store.
    #[oai(path = "/", method = "post", operation_id = "addTaxRate")]
    async fn add(
        &self,
        caller: Allowed<may::WriteStore>,
        body: Body<NewTaxRateBody>,
    ) -> Result<Created<TaxRateShown>, Fail<Creates>> {
        let NewTaxRateBody { name, country, region, category_id, basis_points, applies_to_shipping } = body.0;
        let new = NewTaxRate {
            name: name.0,
            country: country.map(|country| country.0),
            region: region.map(|region| region.0),
            category: category_id.map(CategoryId),
            basis_points: parts(basis_points)?,
            on_shipping: applies_to_shipping.unwrap_or(category_id.is_none()),
        };
        let mut change = caller.change().await?;
        let rate = pricing::add_tax_rate(change.tx(), &new).await?;
        let shown = TaxRateShown::from(&rate);
        change.commit(Entry::new("addTaxRate", "tax_rate", rate.id).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/tax-rates/{}", rate.id), &shown, rate.version)?)
    }

    /// Get a tax rate
    ///
    /// One tax rate, with the version that a change of it names.
    #[oai(path = "/:id", method = "get", operation_id = "getTaxRate")]
    async fn get(
        &self,
        caller: Allowed<may::ReadStore>,
        /// The tax rate's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<TaxRateShown>, Fail<Reads>> {
        let rate = pricing::tax_rate(&mut caller.begin_read().await?, TaxRateId(id.0)).await?;
        Ok(Answer::of_version(&TaxRateShown::from(&rate), rate.version)?)
    }

    /// Change a tax rate
    ///
    /// What is left out stays. Where it applies and on what stays for good.
    #[oai(path = "/:id", method = "patch", operation_id = "changeTaxRate")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStore>,
        /// The tax rate's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<TaxRateChangeBody>,
    ) -> Result<Versioned<TaxRateShown>, Fail<Changes>> {
        let TaxRateChangeBody { name, basis_points, applies_to_shipping } = body.0;
        let wanted = TaxRateChange {
            name: name.map(|name| name.0),
            basis_points: basis_points.map(parts).transpose()?,
            on_shipping: applies_to_shipping,
        };
        let id = TaxRateId(id.0);
        let mut change = caller.change().await?;
        let before = TaxRateShown::from(&pricing::tax_rate(change.tx(), id).await?);
        let rate = pricing::change_tax_rate(change.tx(), id, expected.0, &wanted).await?;
        let shown = TaxRateShown::from(&rate);
        change.commit(Entry::new("changeTaxRate", "tax_rate", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, rate.version)?)
    }

    /// Remove a tax rate
    ///
    /// Orders that were made keep the tax that they were made with.
    #[oai(path = "/:id", method = "delete", operation_id = "removeTaxRate")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteStore>,
        /// The tax rate's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = TaxRateId(id.0);
        let mut change = caller.change().await?;
        let before = TaxRateShown::from(&pricing::tax_rate(change.tx(), id).await?);
        pricing::remove_tax_rate(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeTaxRate", "tax_rate", id).before(json(&before))).await?;
        Ok(Done)
    }
}

/// Parts in ten thousand.
type PartsBody = Whole<0, 10_000>;

fn parts(sent: PartsBody) -> Result<BasisPoints, Problem> {
    let refused = || Problem::of_field(FieldError::new("/basis_points", "must be 0 to 10000"));
    BasisPoints::new(sent.0.into()).ok_or_else(refused)
}

fn hundred() -> u8 {
    100
}

/// A tax rate to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTaxRateBody {
    /// Its name for people.
    name: In<TaxName>,
    /// Where it applies (ISO 3166-1 alpha-2); wherever no other rate does where it is left out.
    #[serde(default, deserialize_with = "given")]
    country: Option<In<Country>>,
    /// In which part of the country, as addresses name it; wherever in it no other rate does where it is left out.
    #[serde(default, deserialize_with = "given")]
    region: Option<In<Region>>,
    /// On what of this category or below it; on everything else where it is left out.
    #[serde(default, deserialize_with = "given")]
    category_id: Option<Uuid>,
    /// How much, in parts of ten thousand: 1,900 is 19 %.
    basis_points: PartsBody,
    /// Whether shipping bears it, too: where it is left out, it does unless the rate is for a category.
    #[serde(default, deserialize_with = "given")]
    applies_to_shipping: Option<bool>,
}

/// What of a tax rate is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxRateChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<TaxName>>,
    /// How much, in parts of ten thousand: 1,900 is 19 %.
    #[serde(default, deserialize_with = "given")]
    basis_points: Option<PartsBody>,
    /// Whether shipping bears it, too.
    #[serde(default, deserialize_with = "given")]
    applies_to_shipping: Option<bool>,
}

/// A page of tax rates.
#[derive(Object, Serialize)]
struct TaxRatePage {
    /// The tax rates.
    items: Vec<TaxRateShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A tax rate.
#[derive(Object, Serialize)]
#[oai(rename = "TaxRate")]
struct TaxRateShown {
    /// Its id.
    id: Uuid,
    /// Its name for people.
    name: String,
    /// Where it applies (ISO 3166-1 alpha-2); null: wherever no other rate does.
    country: Option<String>,
    /// In which part of the country; null: wherever in it no other rate does.
    region: Option<String>,
    /// On what of this category or below it; null: on everything else.
    category_id: Option<Uuid>,
    /// How much, in parts of ten thousand: 1,900 is 19 %.
    basis_points: i32,
    /// Whether shipping bears it, too.
    applies_to_shipping: bool,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<&TaxRate> for TaxRateShown {
    fn from(rate: &TaxRate) -> Self {
        Self {
            id: rate.id.0,
            name: rate.name.as_str().to_owned(),
            country: rate.country.map(|country| country.code().to_owned()),
            region: rate.region.as_ref().map(|region| region.as_str().to_owned()),
            category_id: rate.category.map(|id| id.0),
            basis_points: BasisPoints::get(rate.basis_points),
            applies_to_shipping: rate.on_shipping,
            version: rate.version,
            created_at: rate.created_at,
        }
    }
}
