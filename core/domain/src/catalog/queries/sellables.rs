//! Variants as they can be bought now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::prices::with_prices;
use super::rows::{OptionRow, amount, text};
use crate::catalog::model::variant_name;
use crate::catalog::{BrandId, CategoryId, ProductId, ProductName, ProductOption, Sellable, Sku, VariantId};

struct SellableRow {
    id: Uuid,
    product_id: Uuid,
    slug: String,
    name: String,
    sku: Option<String>,
    product_options: Json<Vec<OptionRow>>,
    options: Json<BTreeMap<String, String>>,
    price_minor: i64,
    list_minor: i64,
    compare_minor: Option<i64>,
    brand_id: Option<Uuid>,
    categories: Vec<Uuid>,
}

impl SellableRow {
    fn read(self) -> Result<Sellable, DbError> {
        let name = text::<ProductName>(&self.name)?;
        let options: Vec<ProductOption> =
            self.product_options.0.into_iter().map(OptionRow::read).collect::<Result<_, _>>()?;
        Ok(Sellable {
            variant: VariantId(self.id),
            product: ProductId(self.product_id),
            slug: text(&self.slug)?,
            name: variant_name(&name, &options, &self.options.0),
            product_name: name,
            sku: self.sku.as_deref().map(text::<Sku>).transpose()?,
            options: self.options.0,
            price: amount(self.price_minor)?,
            list: amount(self.list_minor)?,
            compare_at: self.compare_minor.map(amount).transpose()?,
            brand: self.brand_id.map(BrandId),
            categories: self.categories.into_iter().map(CategoryId).collect(),
        })
    }
}

/// Those of `variants` that can be bought, with what they cost at `now`.
pub(in crate::catalog) async fn sellables(
    tx: &mut TenantTx,
    variants: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Sellable>, DbError> {
    let tenant = tx.tenant();
    let rows = with_prices!(query_as!(
        SellableRow,
        "p.active AND p.id IN (SELECT w.product_id FROM variants w WHERE w.tenant_id = $1 AND w.id = ANY ($3))",
        r#"SELECT v.id, p.id AS product_id, p.slug, p.name, v.sku,
                  p.options AS "product_options!: Json<Vec<OptionRow>>",
                  v.options AS "options!: Json<BTreeMap<String, String>>",
                  n.price_minor AS "price_minor!", v.list_minor, p.compare_minor, p.brand_id,
                  ARRAY(SELECT a.ancestor_id FROM category_ancestors a
                        WHERE a.tenant_id = $1 AND a.category_id = p.category_id ORDER BY a.distance) AS "categories!"
           FROM priced n JOIN variants v ON v.tenant_id = $1 AND v.id = n.id
           JOIN products p ON p.tenant_id = $1 AND p.id = n.product_id
           WHERE v.id = ANY ($3)"#,
        tenant.0,
        now,
        variants,
    ));
    rows.fetch_all(tx.conn()).await?.into_iter().map(SellableRow::read).collect()
}
