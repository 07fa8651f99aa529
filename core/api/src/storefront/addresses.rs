//! Where a shopper lives.

use domain::addresses::{self, Address, AddressChange, AddressError, AddressId, AddressLine, City, PostalCode, Region};
use domain::customers::Phone;
use domain::identity::PersonName;
use kernel::{Country, Limit};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::addresses::AddressShown;
use crate::guard::Customer;
use crate::http::{
    Answer, Body, Created, Done, Fail, In, Maybe, OptionalVersion, OwnChanges, OwnCreates, OwnReads, OwnRemoves,
    Versioned, given,
};
use crate::session::gone;
use crate::tag::Tag;

pub(crate) struct AddressesApi;

#[OpenApi(prefix_path = "/me/addresses", tag = "Tag::Account")]
impl AddressesApi {
    /// List one's own addresses
    ///
    /// The newest first, page by page. One of them is the default, where there are any.
    #[oai(path = "/", method = "get", operation_id = "listAddresses")]
    async fn list(
        &self,
        customer: Customer,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<AddressPage>, Fail<OwnReads>> {
        let (scope, cursors) = (("addresses", customer.store.id.0, customer.user.0), &customer.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = customer.begin_read().await?;
        let page = addresses::list(&mut tx, customer.user, before.map(AddressId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|kept| kept.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&AddressPage { items: page.items.iter().map(AddressShown::from).collect(), next_cursor })?)
    }

    /// Add an address
    ///
    /// The first is the default, whatever is said of it; another that is to be the default takes the place of the one
    /// that was. A customer keeps 50 addresses.
    #[oai(path = "/", method = "post", operation_id = "addAddress")]
    async fn add(
        &self,
        customer: Customer,
        body: Body<NewAddressBody>,
    ) -> Result<Created<AddressShown>, Fail<OwnCreates>> {
        let is_default = body.0.is_default.unwrap_or(false);
        let mut tx = customer.begin().await?;
        let kept = addresses::add(&mut tx, customer.user, body.0.into(), is_default).await.map_err(refusal)?;
        tx.commit().await?;
        Ok(Created::at(format!("/store/v1/me/addresses/{}", kept.id), &AddressShown::from(&kept), kept.version)?)
    }

    /// Get one of one's own addresses
    ///
    /// With its version.
    #[oai(path = "/:id", method = "get", operation_id = "getAddress")]
    async fn get(
        &self,
        customer: Customer,
        /// The address's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<AddressShown>, Fail<OwnReads>> {
        let kept = addresses::address(&mut customer.begin_read().await?, customer.user, AddressId(id.0)).await?;
        Ok(Answer::of_version(&AddressShown::from(&kept), kept.version)?)
    }

    /// Change one of one's own addresses
    ///
    /// What is left out stays. Made the default, it takes the place of the one that was; the default itself can't be made
    /// none, since one of them always is.
    #[oai(path = "/:id", method = "patch", operation_id = "changeAddress")]
    async fn change(
        &self,
        customer: Customer,
        /// The address's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: OptionalVersion,
        body: Body<AddressChangeBody>,
    ) -> Result<Versioned<AddressShown>, Fail<OwnChanges>> {
        let (id, mut tx) = (AddressId(id.0), customer.begin().await?);
        let kept = addresses::change(&mut tx, customer.user, id, expected.0, body.0.into()).await.map_err(refusal)?;
        tx.commit().await?;
        Ok(Answer::of_version(&AddressShown::from(&kept), kept.version)?)
    }

    /// Remove one of one's own addresses
    ///
    /// Where it was the default, the newest of those that are left is from now on.
    #[oai(path = "/:id", method = "delete", operation_id = "removeAddress")]
    async fn remove(
        &self,
        customer: Customer,
        /// The address's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: OptionalVersion,
    ) -> Result<Done, Fail<OwnRemoves>> {
        let mut tx = customer.begin().await?;
        addresses::remove(&mut tx, customer.user, AddressId(id.0), expected.0).await.map_err(refusal)?;
        tx.commit().await?;
        Ok(Done)
    }
}

fn refusal<S>(err: AddressError) -> Fail<S> {
    match err {
        AddressError::Identity(err) => gone(err),
        other => other.into(),
    }
}

fn twenty() -> u8 {
    20
}

/// An address to be kept.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAddressBody {
    /// Who receives there.
    name: In<PersonName>,
    /// Street and number.
    line1: In<AddressLine>,
    /// What does not fit there.
    #[serde(default, deserialize_with = "given")]
    line2: Option<In<AddressLine>>,
    /// The town.
    city: In<City>,
    /// Where the country has some.
    #[serde(default, deserialize_with = "given")]
    region: Option<In<Region>>,
    /// Where the country has some.
    #[serde(default, deserialize_with = "given")]
    postal_code: Option<In<PostalCode>>,
    /// ISO 3166-1 alpha-2.
    country: In<Country>,
    /// For who brings it.
    #[serde(default, deserialize_with = "given")]
    phone: Option<In<Phone>>,
    /// Whether it is the one to be taken where no other is named.
    #[serde(default, deserialize_with = "given")]
    is_default: Option<bool>,
}

impl From<NewAddressBody> for Address {
    fn from(body: NewAddressBody) -> Self {
        Self {
            name: body.name.0,
            line1: body.line1.0,
            line2: body.line2.map(|text| text.0),
            city: body.city.0,
            region: body.region.map(|text| text.0),
            postal_code: body.postal_code.map(|text| text.0),
            country: body.country.0,
            phone: body.phone.map(|text| text.0),
        }
    }
}

/// What of an address is to be changed; what is left out stays, and null takes away.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressChangeBody {
    /// Who receives there.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<PersonName>>,
    /// Street and number.
    #[serde(default, deserialize_with = "given")]
    line1: Option<In<AddressLine>>,
    /// What does not fit there.
    #[serde(default)]
    line2: Maybe<In<AddressLine>>,
    /// The town.
    #[serde(default, deserialize_with = "given")]
    city: Option<In<City>>,
    /// Where the country has some.
    #[serde(default)]
    region: Maybe<In<Region>>,
    /// Where the country has some.
    #[serde(default)]
    postal_code: Maybe<In<PostalCode>>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, deserialize_with = "given")]
    country: Option<In<Country>>,
    /// For who brings it.
    #[serde(default)]
    phone: Maybe<In<Phone>>,
    /// Whether it is the one to be taken where no other is named.
    #[serde(default, deserialize_with = "given")]
    is_default: Option<bool>,
}

impl From<AddressChangeBody> for AddressChange {
    fn from(body: AddressChangeBody) -> Self {
        Self {
            name: body.name.map(|text| text.0),
            line1: body.line1.map(|text| text.0),
            line2: body.line2.change(|text| text.0),
            city: body.city.map(|text| text.0),
            region: body.region.change(|text| text.0),
            postal_code: body.postal_code.change(|text| text.0),
            country: body.country.map(|text| text.0),
            phone: body.phone.change(|text| text.0),
            is_default: body.is_default,
        }
    }
}

/// A page of addresses.
#[derive(Object, Serialize)]
struct AddressPage {
    /// The addresses.
    items: Vec<AddressShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
