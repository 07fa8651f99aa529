//! Shipping methods, as staff writes them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::pricing::{
    self, MOST_COUNTRIES, NewShippingMethod, ShippingMethod, ShippingMethodChange, ShippingMethodId, ShippingName,
};
use kernel::{Country, Currency, Limit, Money, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, List, Maybe, MoneyBody, MoneyShown, Problem,
    Reads, Removes, Versioned, given, json,
};
use crate::tag::Tag;

pub(crate) struct ShippingMethodsApi;

#[OpenApi(prefix_path = "/shipping-methods", tag = "Tag::Store")]
impl ShippingMethodsApi {
    /// List shipping methods
    ///
    /// All of the store's, active or not, the newest first.
    #[oai(path = "/", method = "get", operation_id = "listShippingMethods")]
    async fn list(
        &self,
        caller: Allowed<may::ReadStore>,
        /// How many at most.
        #[oai(default = "hundred", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<ShippingMethodPage>, Fail<Reads>> {
        let (scope, cursors) = (("admin shipping methods", caller.store.id.0), &caller.app().cursors);
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let after = after.map(ShippingMethodId);
        let page = pricing::list_shipping_methods(&mut caller.begin_read().await?, after, limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|method| method.id.0);
        let shown = ShippingMethodPage {
            items: page.items.iter().map(|method| ShippingMethodShown::new(method, caller.store.currency)).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a shipping method
    ///
    /// Buyers can choose it at once, unless it is not active.
    #[oai(path = "/", method = "post", operation_id = "addShippingMethod")]
    async fn add(
        &self,
        caller: Allowed<may::WriteStore>,
        body: Body<NewShippingMethodBody>,
    ) -> Result<Created<ShippingMethodShown>, Fail<Creates>> {
        let currency = caller.store.currency;
        let new = body.0.parse(currency)?;
        let mut change = caller.change().await?;
        let method = pricing::add_shipping_method(change.tx(), &new).await?;
        let shown = ShippingMethodShown::new(&method, currency);
        change.commit(Entry::new("addShippingMethod", "shipping_method", method.id).after(json(&shown))).await?;
        let location = format!("/admin/v1/shipping-methods/{}", method.id);
        Ok(Created::at(location, &shown, method.version)?)
    }

    /// Get a shipping method
    ///
    /// One shipping method, with the version that a change of it names.
    #[oai(path = "/:id", method = "get", operation_id = "getShippingMethod")]
    async fn get(
        &self,
        caller: Allowed<may::ReadStore>,
        /// The shipping method's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<ShippingMethodShown>, Fail<Reads>> {
        let method = pricing::shipping_method(&mut caller.begin_read().await?, ShippingMethodId(id.0)).await?;
        Ok(Answer::of_version(&ShippingMethodShown::new(&method, caller.store.currency), method.version)?)
    }

    /// Change a shipping method
    ///
    /// What is left out stays. Orders that were made keep what they were made with.
    #[oai(path = "/:id", method = "patch", operation_id = "changeShippingMethod")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStore>,
        /// The shipping method's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<ShippingMethodChangeBody>,
    ) -> Result<Versioned<ShippingMethodShown>, Fail<Changes>> {
        let (id, currency) = (ShippingMethodId(id.0), caller.store.currency);
        let wanted = body.0.parse(currency)?;
        let mut change = caller.change().await?;
        let before = ShippingMethodShown::new(&pricing::shipping_method(change.tx(), id).await?, currency);
        let method = pricing::change_shipping_method(change.tx(), id, expected.0, &wanted).await?;
        let shown = ShippingMethodShown::new(&method, currency);
        let entry = Entry::new("changeShippingMethod", "shipping_method", id).before(json(&before)).after(json(&shown));
        change.commit(entry).await?;
        Ok(Answer::of_version(&shown, method.version)?)
    }

    /// Remove a shipping method
    ///
    /// Nobody can choose it any more. Orders that were made keep it.
    #[oai(path = "/:id", method = "delete", operation_id = "removeShippingMethod")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteStore>,
        /// The shipping method's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (id, currency) = (ShippingMethodId(id.0), caller.store.currency);
        let mut change = caller.change().await?;
        let before = ShippingMethodShown::new(&pricing::shipping_method(change.tx(), id).await?, currency);
        pricing::remove_shipping_method(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeShippingMethod", "shipping_method", id).before(json(&before))).await?;
        Ok(Done)
    }
}

fn hundred() -> u8 {
    100
}

/// A shipping method to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewShippingMethodBody {
    /// Its name for people.
    name: In<ShippingName>,
    /// What it costs.
    price: MoneyBody,
    /// From which spend on, after discounts, it costs nothing.
    #[serde(default, deserialize_with = "given")]
    free_above: Option<MoneyBody>,
    /// Where it leads (ISO 3166-1 alpha-2); everywhere where it is left out.
    #[serde(default, deserialize_with = "given")]
    countries: Option<List<In<Country>, 0, MOST_COUNTRIES>>,
    /// Whether it can be chosen; it can where this is left out.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

/// What of a shipping method is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippingMethodChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<ShippingName>>,
    /// What it costs.
    #[serde(default, deserialize_with = "given")]
    price: Option<MoneyBody>,
    /// From which spend on, after discounts, it costs nothing; null takes it away.
    #[serde(default)]
    free_above: Maybe<MoneyBody>,
    /// Where it leads (ISO 3166-1 alpha-2); everywhere where the list is empty.
    #[serde(default, deserialize_with = "given")]
    countries: Option<List<In<Country>, 0, MOST_COUNTRIES>>,
    /// Whether it can be chosen.
    #[serde(default, deserialize_with = "given")]
    active: Option<bool>,
}

impl NewShippingMethodBody {
    fn parse(self, currency: Currency) -> Result<NewShippingMethod, Problem> {
        Ok(NewShippingMethod {
            name: self.name.0,
            price: self.price.in_currency(currency, "/price")?,
            free_above: self.free_above.map(|money| money.in_currency(currency, "/free_above")).transpose()?,
            countries: self.countries.map(countries).unwrap_or_default(),
            active: self.active.unwrap_or(true),
        })
    }
}

impl ShippingMethodChangeBody {
    fn parse(self, currency: Currency) -> Result<ShippingMethodChange, Problem> {
        let free_above = self.free_above.change(|money| money.in_currency(currency, "/free_above"));
        Ok(ShippingMethodChange {
            name: self.name.map(|name| name.0),
            price: self.price.map(|money| money.in_currency(currency, "/price")).transpose()?,
            free_above: free_above.map(Option::transpose).transpose()?,
            countries: self.countries.map(countries),
            active: self.active,
        })
    }
}

/// Each country once, in the order of their codes.
fn countries(list: List<In<Country>, 0, MOST_COUNTRIES>) -> Vec<Country> {
    let mut countries: Vec<_> = list.0.into_iter().map(|country| country.0).collect();
    countries.sort_unstable();
    countries.dedup();
    countries
}

/// A page of shipping methods.
#[derive(Object, Serialize)]
struct ShippingMethodPage {
    /// The shipping methods.
    items: Vec<ShippingMethodShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A shipping method.
#[derive(Object, Serialize)]
#[oai(rename = "ShippingMethod")]
struct ShippingMethodShown {
    /// Its id.
    id: Uuid,
    /// Its name for people.
    name: String,
    /// What it costs.
    price: MoneyShown,
    /// From which spend on, after discounts, it costs nothing.
    free_above: Option<MoneyShown>,
    /// Where it leads (ISO 3166-1 alpha-2); everywhere where there is none.
    countries: Vec<String>,
    /// Whether it can be chosen.
    active: bool,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl ShippingMethodShown {
    fn new(method: &ShippingMethod, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        Self {
            id: method.id.0,
            name: method.name.as_str().to_owned(),
            price: money(method.price),
            free_above: method.free_above.map(money),
            countries: method.countries.iter().map(|country| country.code().to_owned()).collect(),
            active: method.active,
            version: method.version,
            created_at: method.created_at,
        }
    }
}
