//! What a customer wishes for.

use chrono::{DateTime, Utc};
use domain::carts::{self, MOST_OF_ONE, Who};
use domain::catalog::{ProductId, VariantId};
use domain::wishlists::{self, Wish, WishId, WishlistError};
use kernel::{Currency, Limit};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cart::{CartShown, quantity, refused};
use super::products::ListedShown;
use crate::guard::Customer;
use crate::http::{Answer, Body, Done, Fail, OwnChanges, OwnPuts, OwnReads, Versioned, Whole, given};
use crate::images::ImageShown;
use crate::session::gone;
use crate::tag::Tag;

pub(crate) struct WishlistApi;

#[OpenApi(prefix_path = "/wishlist", tag = "Tag::Wishlist")]
impl WishlistApi {
    /// Get one's own wishlist
    ///
    /// Page by page, what was added last first, with the products as they are now. Those that are not for sale are left
    /// out, and are back when they are.
    #[oai(path = "/", method = "get", operation_id = "getWishlist")]
    async fn get(
        &self,
        customer: Customer,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<WishlistPage>, Fail<OwnReads>> {
        let (scope, cursors) = (("wishlist", customer.store.id.0, customer.user.0), &customer.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = customer.begin_catalog().await?;
        let page = wishlists::list(&mut tx, customer.user, before.map(WishId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|wish| wish.id.0);
        let currency = customer.store.currency;
        let ids = page.items.iter().map(|wish| wish.product.id);
        let mut first = ImageShown::first(&mut tx, ids, customer.app()).await?;
        let shown = |wish: &Wish| WishShown::new(wish, first.remove(&wish.product.id).unwrap_or_default(), currency);
        let items = page.items.iter().map(shown).collect();
        Ok(Answer::plain(&WishlistPage { items, next_cursor: last.and_then(|id| cursors.seal(&scope, &id)) })?)
    }

    /// Put a product on the wishlist
    ///
    /// One that is on it stays where it is. A list holds 200 products.
    #[oai(path = "/items/:product_id", method = "put", operation_id = "addToWishlist")]
    async fn add(
        &self,
        customer: Customer,
        /// The product's id.
        product_id: Path<Uuid>,
    ) -> Result<Done, Fail<OwnPuts>> {
        let mut tx = customer.begin().await?;
        wishlists::add(&mut tx, customer.user, ProductId(product_id.0)).await.map_err(|err| match err {
            WishlistError::Identity(err) => gone::<OwnPuts>(err),
            other => other.into(),
        })?;
        tx.commit().await?;
        Ok(Done)
    }

    /// Move a product from the wishlist to the cart
    ///
    /// Of a product with several variants one must be named. It is off the list then; if there are fewer than asked for it
    /// stays, and 409 `carts.out_of_stock` tells with the member `available` how many there are.
    #[oai(path = "/items/:product_id/to-cart", method = "post", operation_id = "moveWishToCart")]
    async fn to_cart(
        &self,
        customer: Customer,
        /// The product's id.
        product_id: Path<Uuid>,
        body: Body<ToCartBody>,
    ) -> Result<Versioned<CartShown>, Fail<OwnChanges>> {
        let (product, variant) = (ProductId(product_id.0), body.0.variant_id.map(VariantId));
        let many = quantity(body.0.quantity.map_or(1, |quantity| quantity.0))?;
        let mut tx = customer.begin().await?;
        let variant = wishlists::chosen(&mut tx, customer.user, product, variant).await?;
        let cart = carts::add(&mut tx, &Who::Customer(customer.user), variant, many).await.map_err(refused)?;
        wishlists::remove(&mut tx, customer.user, product).await?;
        tx.commit().await?;
        Ok(Answer::of_version(&CartShown::new(&cart, customer.store.currency), cart.cart.version)?)
    }

    /// Take a product off the wishlist
    ///
    /// One that is not on it is no error.
    #[oai(path = "/items/:product_id", method = "delete", operation_id = "removeFromWishlist")]
    async fn remove(
        &self,
        customer: Customer,
        /// The product's id.
        product_id: Path<Uuid>,
    ) -> Result<Done, Fail<OwnReads>> {
        let mut tx = customer.begin().await?;
        wishlists::remove(&mut tx, customer.user, ProductId(product_id.0)).await?;
        tx.commit().await?;
        Ok(Done)
    }
}

fn twenty() -> u8 {
    20
}

/// How something goes into the cart.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToCartBody {
    /// Which of the product's variants; needed where it has several.
    #[serde(default, deserialize_with = "given")]
    variant_id: Option<Uuid>,
    /// How many; one where it is left out.
    #[serde(default, deserialize_with = "given")]
    quantity: Option<Whole<1, MOST>>,
}

const MOST: i32 = MOST_OF_ONE as i32;

/// A product on a wishlist.
#[derive(Object, Serialize)]
#[oai(rename = "Wish")]
struct WishShown {
    /// The product, as it is now.
    product: ListedShown,
    /// Since when it is wished for.
    added_at: DateTime<Utc>,
}

impl WishShown {
    fn new(wish: &Wish, images: Vec<ImageShown>, currency: Currency) -> Self {
        Self { product: ListedShown::new(&wish.product, images, currency), added_at: wish.added_at }
    }
}

/// A page of a wishlist.
#[derive(Object, Serialize)]
struct WishlistPage {
    /// The products.
    items: Vec<WishShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
