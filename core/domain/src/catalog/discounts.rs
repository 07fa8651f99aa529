//! Dated discounts of products: what they take off, of what, and when. What comes of them is in `prices`.

use chrono::{DateTime, Utc};
use kernel::{Amount, FieldError, Limit, Line, Page};
use tenants::{DbError, TenantTx};

use super::queries::{discounts as queries, prices as gate};
use super::{BrandId, CatalogError, CategoryId, ProductId, prices};

kernel::typed_id! {
    /// The id of a discount.
    DiscountId
}

/// A discount's name, for staff.
pub type DiscountName = Line<100>;

/// Products, categories or brands that a discount names, at most, of each kind.
pub const MOST_TARGETS: usize = 500;

/// What a discount takes off a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// A part of it, in ten thousandths: 1 to 10,000.
    Percentage(i64),
    /// An amount; nothing costs less than 0.
    Amount(Amount),
}

/// What a discount is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Targets {
    /// All that the store sells, whatever else is named.
    pub everything: bool,
    /// These products.
    pub products: Vec<ProductId>,
    /// The products of these categories, and of all below them.
    pub categories: Vec<CategoryId>,
    /// The products of these brands.
    pub brands: Vec<BrandId>,
}

/// What a discount says.
#[derive(Debug, Clone)]
pub struct DiscountTerms {
    /// For staff.
    pub name: DiscountName,
    /// What it takes off.
    pub off: Off,
    /// Whether it counts at all.
    pub active: bool,
    /// The first moment at which it counts.
    pub starts_at: DateTime<Utc>,
    /// The first moment at which it counts no more.
    pub ends_at: Option<DateTime<Utc>>,
}

/// A discount.
#[derive(Debug, Clone)]
pub struct Discount {
    /// Its id.
    pub id: DiscountId,
    /// What it says.
    pub terms: DiscountTerms,
    /// What it is for; in a list, whether for everything alone.
    pub targets: Targets,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Which of the two a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OffKind {
    /// A part of the price.
    Percentage,
    /// An amount.
    Amount,
}

/// What a discount is to be, or to become; what is left out of a change stays.
#[derive(Debug, Clone, Default)]
pub struct DiscountGiven {
    /// For staff.
    pub name: Option<DiscountName>,
    /// Which of the two it takes off.
    pub kind: Option<OffKind>,
    /// Ten thousandths of a percentage.
    pub basis_points: Option<i64>,
    /// How much of an amount.
    pub amount: Option<Amount>,
    /// Whether it counts at all.
    pub active: Option<bool>,
    /// The first moment at which it counts; that at which it is written where a new one leaves it out.
    pub starts_at: Option<DateTime<Utc>>,
    /// The first moment at which it counts no more.
    pub ends_at: Option<Option<DateTime<Utc>>>,
    /// Whether it is for everything.
    pub everything: Option<bool>,
    /// The products that it names.
    pub products: Option<Vec<ProductId>>,
    /// The categories that it names.
    pub categories: Option<Vec<CategoryId>>,
    /// The brands that it names.
    pub brands: Option<Vec<BrandId>>,
}

impl DiscountTerms {
    /// Whether prices feel it at `now`.
    #[must_use]
    pub fn runs(&self, now: DateTime<Utc>) -> bool {
        self.active && self.starts_at <= now && self.ends_at.is_none_or(|end| end > now)
    }

    fn check(&self, targets: &Targets, faults: &mut Vec<FieldError>) {
        if self.ends_at.is_some_and(|end| end <= self.starts_at) {
            faults.push(FieldError::new("/ends_at", "must be later than `starts_at`"));
        }
        let named = !targets.products.is_empty() || !targets.categories.is_empty() || !targets.brands.is_empty();
        if !targets.everything && !named {
            let why = "name products, categories or brands, or say that it is for everything";
            faults.push(FieldError::new("/everything", why));
        }
    }
}

impl Off {
    fn kind(self) -> OffKind {
        match self {
            Self::Percentage(_) => OffKind::Percentage,
            Self::Amount(_) => OffKind::Amount,
        }
    }
}

impl DiscountGiven {
    fn off(&self, old: Option<Off>, faults: &mut Vec<FieldError>) -> Option<Off> {
        let kind = self.kind.or(old.map(Off::kind))?;
        let (off, strange) = match kind {
            OffKind::Percentage => (self.basis_points.map(Off::Percentage), self.amount.map(|_| "/amount")),
            OffKind::Amount => (self.amount.map(Off::Amount), self.basis_points.map(|_| "/basis_points")),
        };
        faults.extend(strange.map(|pointer| FieldError::new(pointer, "belongs to a discount of the other kind")));
        let off = off.or(old.filter(|old| old.kind() == kind));
        if off.is_none() {
            let pointer = if kind == OffKind::Percentage { "/basis_points" } else { "/amount" };
            faults.push(FieldError::new(pointer, "is required for a discount of this kind"));
        }
        off
    }

    fn targets(&self, old: Targets) -> Targets {
        Targets {
            everything: self.everything.unwrap_or(old.everything),
            products: self.products.clone().unwrap_or(old.products),
            categories: self.categories.clone().unwrap_or(old.categories),
            brands: self.brands.clone().unwrap_or(old.brands),
        }
    }

    /// What a discount of these `old` terms becomes.
    fn onto(&self, old: DiscountTerms, targets: Targets) -> Result<(DiscountTerms, Targets), CatalogError> {
        let mut faults = Vec::new();
        let off = self.off(Some(old.off), &mut faults);
        let terms = DiscountTerms {
            name: self.name.clone().unwrap_or(old.name),
            off: off.unwrap_or(old.off),
            active: self.active.unwrap_or(old.active),
            starts_at: self.starts_at.unwrap_or(old.starts_at),
            ends_at: self.ends_at.unwrap_or(old.ends_at),
        };
        let targets = self.targets(targets);
        terms.check(&targets, &mut faults);
        if faults.is_empty() { Ok((terms, targets)) } else { Err(CatalogError::BadDiscount(faults)) }
    }

    fn fresh(&self, name: DiscountName, now: DateTime<Utc>) -> Result<(DiscountTerms, Targets), CatalogError> {
        let mut faults = Vec::new();
        let Some(off) = self.off(None, &mut faults) else {
            return Err(CatalogError::BadDiscount(faults));
        };
        let blank = DiscountTerms { name, off, active: true, starts_at: now, ends_at: None };
        self.onto(blank, Targets::default())
    }
}

/// Adds a discount. Prices feel it at once where it runs.
///
/// # Errors
/// [`CatalogError::BadDiscount`], [`CatalogError::UnknownTargets`].
pub async fn add_discount(
    tx: &mut TenantTx,
    name: DiscountName,
    given: &DiscountGiven,
) -> Result<Discount, CatalogError> {
    let now = tx.now();
    let (terms, targets) = given.fresh(name, now)?;
    gate::enter_alone(tx).await?;
    refuse_unknown(tx, &targets).await?;
    let discount =
        Discount { id: DiscountId::generate(), terms, targets, version: 1, created_at: now, updated_at: now };
    queries::insert(tx, &discount).await?;
    queries::insert_targets(tx, discount.id, &discount.targets).await?;
    let at = prices::moment(tx).await?;
    felt(tx, discount.terms.runs(at)).await?;
    self::discount(tx, discount.id).await
}

/// Makes prices anew where they may be others now, and notes when they change next.
async fn felt(tx: &mut TenantTx, runs: bool) -> Result<(), DbError> {
    if runs {
        return prices::reprice_all(tx).await;
    }
    let at = prices::moment(tx).await?;
    gate::plan(tx, at).await
}

async fn refuse_unknown(tx: &mut TenantTx, targets: &Targets) -> Result<(), CatalogError> {
    let unknown = queries::unknown_targets(tx, targets).await?;
    let field = |(list, place): (&str, i64)| FieldError::new(format!("/{list}/{place}"), "is not in this store");
    if unknown.is_empty() {
        return Ok(());
    }
    Err(CatalogError::UnknownTargets(unknown.iter().map(|(list, place)| field((list, *place))).collect()))
}

/// A discount with what it is for.
///
/// # Errors
/// [`CatalogError::NoDiscount`].
pub async fn discount(tx: &mut TenantTx, id: DiscountId) -> Result<Discount, CatalogError> {
    queries::get(tx, id).await?.ok_or(CatalogError::NoDiscount(id))
}

/// A page of discounts without what they name, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list_discounts(
    tx: &mut TenantTx,
    before: Option<DiscountId>,
    limit: Limit,
) -> Result<Page<Discount>, DbError> {
    Ok(Page::cut(queries::list(tx, before, limit).await?, limit))
}

/// Changes a discount where `expected` is still its version. Prices feel it at once.
///
/// # Errors
/// [`CatalogError::NoDiscount`], [`CatalogError::Stale`], [`CatalogError::BadDiscount`],
/// [`CatalogError::UnknownTargets`].
pub async fn change_discount(
    tx: &mut TenantTx,
    id: DiscountId,
    expected: Option<i64>,
    given: &DiscountGiven,
) -> Result<Discount, CatalogError> {
    gate::enter_alone(tx).await?;
    let old = discount(tx, id).await?;
    if expected.is_some_and(|expected| expected != old.version) {
        return Err(CatalogError::Stale);
    }
    let at = prices::moment(tx).await?;
    let ran = old.terms.runs(at);
    let named = given.products.is_some() || given.categories.is_some() || given.brands.is_some();
    let (terms, targets) = given.onto(old.terms, old.targets)?;
    if named {
        refuse_unknown(tx, &targets).await?;
        queries::delete_targets(tx, id).await?;
        queries::insert_targets(tx, id, &targets).await?;
    }
    queries::update(tx, id, &terms, targets.everything).await?;
    felt(tx, ran || terms.runs(at)).await?;
    discount(tx, id).await
}

/// Removes a discount where `expected` is still its version. Prices feel it at once.
///
/// # Errors
/// [`CatalogError::NoDiscount`], [`CatalogError::Stale`].
pub async fn remove_discount(tx: &mut TenantTx, id: DiscountId, expected: Option<i64>) -> Result<(), CatalogError> {
    gate::enter_alone(tx).await?;
    let old = discount(tx, id).await?;
    if expected.is_some_and(|expected| expected != old.version) {
        return Err(CatalogError::Stale);
    }
    queries::delete(tx, id).await?;
    let at = prices::moment(tx).await?;
    let ran = old.terms.runs(at);
    Ok(felt(tx, ran).await?)
}
