//! Coupons.

use chrono::{DateTime, Utc};
use kernel::{Amount, Limit, Text as _};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::broken;
use crate::catalog::{CategoryId, ProductId};
use crate::pricing::{BasisPoints, DiscountKind};
use crate::promotions::{Coupon, CouponCode, CouponId, CouponNote, PromotionsError, Terms};

struct Row {
    id: Uuid,
    code: String,
    description: String,
    kind: String,
    basis_points: Option<i32>,
    amount_minor: Option<i64>,
    minimum_minor: Option<i64>,
    product_ids: Vec<Uuid>,
    category_ids: Vec<Uuid>,
    first_order_only: bool,
    stackable: bool,
    total_limit: Option<i64>,
    per_customer_limit: Option<i64>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    active: bool,
    used: i64,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn read(self) -> Result<Coupon, DbError> {
        let amount = |minor| Amount::new(minor).ok_or_else(|| broken("amount"));
        let kind = match (
            self.kind.as_str(),
            self.basis_points.map(i64::from).and_then(BasisPoints::new),
            self.amount_minor,
        ) {
            ("percentage", Some(parts), None) => DiscountKind::Percentage(parts),
            ("amount", None, Some(minor)) => DiscountKind::Amount(amount(minor)?),
            ("free_shipping", None, None) => DiscountKind::FreeShipping,
            _ => return Err(broken("kind")),
        };
        let terms = Terms {
            code: CouponCode::parse(&self.code).map_err(|_| broken("code"))?,
            note: CouponNote::parse(&self.description).map_err(|_| broken("description"))?,
            kind,
            minimum: self.minimum_minor.map(amount).transpose()?,
            products: self.product_ids.into_iter().map(ProductId).collect(),
            categories: self.category_ids.into_iter().map(CategoryId).collect(),
            first_order_only: self.first_order_only,
            stackable: self.stackable,
            total_limit: self.total_limit,
            per_customer_limit: self.per_customer_limit,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            active: self.active,
        };
        let Self { id, used, version, created_at, updated_at, .. } = self;
        Ok(Coupon { id: CouponId(id), terms, used, version, created_at, updated_at })
    }
}

/// How a kind is kept: its name, the parts of a percentage, the minor units of an amount.
fn kept(kind: DiscountKind) -> (&'static str, Option<i32>, Option<i64>) {
    match kind {
        DiscountKind::Percentage(parts) => ("percentage", Some(parts.get()), None),
        DiscountKind::Amount(amount) => ("amount", None, Some(amount.minor())),
        DiscountKind::FreeShipping => ("free_shipping", None, None),
    }
}

fn ids(terms: &Terms) -> (Vec<Uuid>, Vec<Uuid>) {
    (terms.products.iter().map(|id| id.0).collect(), terms.categories.iter().map(|id| id.0).collect())
}

/// Writes a query of whole coupons; `$which` chooses them.
macro_rules! coupons {
    ($which:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            "SELECT id, code, description, kind, basis_points, amount_minor, minimum_minor, product_ids, category_ids,
                    first_order_only, stackable, total_limit, per_customer_limit, starts_at, ends_at, active, used, version,
                    created_at, updated_at
             FROM coupons WHERE tenant_id = $1 AND " + $which,
            $($arg),*
        )
    };
}

/// Inserts the coupon; false where its code is taken.
pub(in crate::promotions) async fn insert(tx: &mut TenantTx, coupon: &Coupon) -> Result<bool, DbError> {
    let (tenant, terms) = (tx.tenant(), &coupon.terms);
    let ((kind, basis_points, amount), (products, categories)) = (kept(terms.kind), ids(terms));
    let done = sqlx::query!(
        "INSERT INTO coupons (tenant_id, id, code, description, kind, basis_points, amount_minor, minimum_minor, product_ids,
                              category_ids, first_order_only, stackable, total_limit, per_customer_limit, starts_at, ends_at,
                              active, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT ON CONSTRAINT coupons_code_once DO NOTHING",
        tenant.0,
        coupon.id.0,
        terms.code.as_str(),
        terms.note.as_str(),
        kind,
        basis_points,
        amount,
        terms.minimum.map(Amount::minor),
        &products,
        &categories,
        terms.first_order_only,
        terms.stackable,
        terms.total_limit,
        terms.per_customer_limit,
        terms.starts_at,
        terms.ends_at,
        terms.active,
        coupon.version,
        coupon.created_at,
        coupon.updated_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::promotions) async fn get(tx: &mut TenantTx, id: CouponId) -> Result<Option<Coupon>, DbError> {
    let tenant = tx.tenant();
    let row = coupons!("id = $2", tenant.0, id.0).fetch_optional(tx.conn()).await?;
    row.map(Row::read).transpose()
}

/// The coupon, whose row is ours until the transaction ends.
pub(in crate::promotions) async fn lock(tx: &mut TenantTx, id: CouponId) -> Result<Option<Coupon>, DbError> {
    let tenant = tx.tenant();
    let row = coupons!("id = $2 FOR UPDATE", tenant.0, id.0).fetch_optional(tx.conn()).await?;
    row.map(Row::read).transpose()
}

pub(in crate::promotions) async fn of_codes(tx: &mut TenantTx, codes: &[CouponCode]) -> Result<Vec<Coupon>, DbError> {
    let tenant = tx.tenant();
    let codes: Vec<_> = codes.iter().map(|code| code.as_str().to_owned()).collect();
    let rows = coupons!("code = ANY ($2) ORDER BY array_position($2, code)", tenant.0, &codes);
    rows.fetch_all(tx.conn()).await?.into_iter().map(Row::read).collect()
}

pub(in crate::promotions) async fn list(
    tx: &mut TenantTx,
    active: Option<bool>,
    code: Option<&CouponCode>,
    after: Option<CouponId>,
    limit: Limit,
) -> Result<Vec<Coupon>, DbError> {
    let tenant = tx.tenant();
    let rows = coupons!(
        "id < $2 AND active = coalesce($3, active) AND code = coalesce($4, code) ORDER BY id DESC LIMIT $5",
        tenant.0,
        after.map_or(Uuid::max(), |id| id.0),
        active,
        code.map(CouponCode::as_str),
        limit.and_one()
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(Row::read).collect()
}

/// Writes the terms and the version of a coupon whose row was locked.
pub(in crate::promotions) async fn update(tx: &mut TenantTx, coupon: &Coupon) -> Result<(), PromotionsError> {
    let (tenant, terms) = (tx.tenant(), &coupon.terms);
    let ((kind, basis_points, amount), (products, categories)) = (kept(terms.kind), ids(terms));
    let done = sqlx::query!(
        "UPDATE coupons SET code = $3, description = $4, kind = $5, basis_points = $6, amount_minor = $7, minimum_minor = $8,
                product_ids = $9, category_ids = $10, first_order_only = $11, stackable = $12, total_limit = $13,
                per_customer_limit = $14, starts_at = $15, ends_at = $16, active = $17, version = $18, updated_at = $19
         WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        coupon.id.0,
        terms.code.as_str(),
        terms.note.as_str(),
        kind,
        basis_points,
        amount,
        terms.minimum.map(Amount::minor),
        &products,
        &categories,
        terms.first_order_only,
        terms.stackable,
        terms.total_limit,
        terms.per_customer_limit,
        terms.starts_at,
        terms.ends_at,
        terms.active,
        coupon.version,
        coupon.updated_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("coupons_code_once") => PromotionsError::CodeTaken,
        _ => err.into(),
    })?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(PromotionsError::NoCoupon(coupon.id)) }
}

/// Deletes a coupon; false where it is not of that version.
pub(in crate::promotions) async fn delete(
    tx: &mut TenantTx,
    id: CouponId,
    expected: Option<i64>,
) -> Result<bool, PromotionsError> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "DELETE FROM coupons WHERE tenant_id = $1 AND id = $2 AND version = coalesce($3, version)",
        tenant.0,
        id.0,
        expected,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("coupon_uses_coupon_exists") => PromotionsError::InUse,
        _ => err.into(),
    })?;
    Ok(done.rows_affected() == 1)
}

/// Which of the products and categories that the terms name are there.
pub(in crate::promotions) async fn known(tx: &mut TenantTx, terms: &Terms) -> Result<(Vec<Uuid>, Vec<Uuid>), DbError> {
    let (tenant, (products, categories)) = (tx.tenant(), ids(terms));
    let found = sqlx::query!(
        r#"SELECT ARRAY(SELECT p.id FROM products p WHERE p.tenant_id = $1 AND p.id = ANY ($2)) AS "products!",
                  ARRAY(SELECT c.id FROM categories c WHERE c.tenant_id = $1 AND c.id = ANY ($3)) AS "categories!""#,
        tenant.0,
        &products,
        &categories,
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((found.products, found.categories))
}
