//! Carts and their lines.

use kernel::Amount;

use super::{CartError, CartToken};
use crate::catalog::{Sellable, VariantId};
use crate::identity::UserId;
use crate::promotions::CouponCode;

kernel::typed_id! {
    /// The id of a cart.
    CartId
}

/// Lines of a cart, at most.
pub const MOST_LINES: usize = 100;
/// Of one thing, at most.
pub const MOST_OF_ONE: u32 = 9_999;

/// Whose cart is meant.
#[derive(Debug, Clone)]
pub enum Who {
    /// That of whoever has the token, if there is one.
    Visitor(Option<CartToken>),
    /// The customer's own.
    Customer(UserId),
}

/// How many of a thing: 1 to [`MOST_OF_ONE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(u32);

impl Quantity {
    /// Takes a number; none outside 1 to [`MOST_OF_ONE`].
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        u32::try_from(number).ok().filter(|number| (1..=MOST_OF_ONE).contains(number)).map(Self)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// As many as there are of both, and at most `most`, but one at least.
    pub(super) fn plus_up_to(self, more: u32, most: i64) -> Self {
        let most = u32::try_from(most.clamp(1, i64::from(MOST_OF_ONE))).unwrap_or(MOST_OF_ONE);
        Self(self.0.saturating_add(more).min(most))
    }
}

/// A line of a cart, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is wanted.
    pub variant: VariantId,
    /// How many.
    pub quantity: Quantity,
    /// What one cost when the line was last touched.
    pub seen: Amount,
    /// What it was called then.
    pub name: String,
    /// Its product's name in addresses then.
    pub slug: String,
}

impl Item {
    fn of(sellable: &Sellable, quantity: Quantity) -> Self {
        let slug = kernel::Text::as_str(&sellable.slug).to_owned();
        Self { variant: sellable.variant, quantity, seen: sellable.price, name: sellable.name.clone(), slug }
    }
}

/// A cart, as it is kept.
#[derive(Debug, Clone)]
pub struct Cart {
    /// Its id; none while nothing was ever in it.
    pub id: Option<CartId>,
    /// Its lines, in the order in which they came.
    pub items: Vec<Item>,
    /// The codes of its coupons, in the order in which they were given.
    pub codes: Vec<CouponCode>,
    /// How many lines of another cart had no room when that became a part of this one; until it is changed.
    pub left_out: i32,
    /// Counts its changes; 0 while there were none.
    pub version: i64,
}

impl Cart {
    /// That of somebody who has none.
    pub(super) fn none() -> Self {
        Self { id: None, items: Vec::new(), codes: Vec::new(), left_out: 0, version: 0 }
    }

    pub(super) fn variants(&self) -> Vec<VariantId> {
        self.items.iter().map(|item| item.variant).collect()
    }

    pub(super) fn place_of(&self, variant: VariantId) -> Option<usize> {
        self.items.iter().position(|item| item.variant == variant)
    }

    /// Refuses a version that is not the one that the caller means.
    pub(super) fn expect(&self, expected: Option<i64>) -> Result<(), CartError> {
        if expected.is_none_or(|expected| expected == self.version) { Ok(()) } else { Err(CartError::Stale) }
    }

    /// Puts more of something in, if there is so much of it.
    pub(super) fn add(&mut self, sellable: &Sellable, more: Quantity, available: i64) -> Result<(), CartError> {
        let place = self.place_of(sellable.variant);
        let before = place.map_or(0, |place| self.items[place].quantity.get());
        let wanted = i64::from(before) + i64::from(more.get());
        let quantity = within(wanted, available)?;
        match place {
            Some(place) => self.items[place] = Item::of(sellable, quantity),
            None if self.items.len() >= MOST_LINES => return Err(CartError::TooManyLines),
            None => self.items.push(Item::of(sellable, quantity)),
        }
        Ok(())
    }

    /// Makes the line at `place` as many, if there is so much of it.
    pub(super) fn set(
        &mut self,
        place: usize,
        to: Quantity,
        sellable: &Sellable,
        available: i64,
    ) -> Result<(), CartError> {
        self.items[place] = Item::of(sellable, within(to.get().into(), available)?);
        Ok(())
    }

    /// Puts a line of elsewhere in, as far as there is so much of it and so much room here: less rather than nothing.
    pub(super) fn take_in(&mut self, line: Item, available: i64) -> bool {
        match self.place_of(line.variant) {
            Some(place) => {
                let own = &mut self.items[place];
                own.quantity = own.quantity.plus_up_to(line.quantity.get(), available.max(own.quantity.get().into()));
                true
            }
            None if self.items.len() >= MOST_LINES => false,
            None => {
                let quantity = line.quantity.plus_up_to(0, available);
                self.items.push(Item { quantity, ..line });
                true
            }
        }
    }

    /// A line of something that somebody buys now.
    pub(super) fn line_of(sellable: &Sellable, quantity: Quantity) -> Item {
        Item::of(sellable, quantity)
    }
}

fn within(wanted: i64, available: i64) -> Result<Quantity, CartError> {
    if wanted > available {
        return Err(CartError::OutOfStock { available });
    }
    Quantity::new(wanted).ok_or(CartError::TooMany)
}
