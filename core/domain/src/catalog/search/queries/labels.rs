//! Words: what they name, and what they may have meant.

use std::collections::BTreeMap;

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::search::document::{Facet, Kind};

/// The facets that words name: a brand, or a category with all below it.
pub(in crate::catalog::search) async fn named_by(
    tx: &mut TenantTx,
    words: &[String],
) -> Result<BTreeMap<String, Vec<i64>>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"SELECT l.word, l.kind, coalesce(a.category_id, l.named) AS "named!"
           FROM search_labels l
           LEFT JOIN category_ancestors a ON a.tenant_id = $1 AND l.kind = 'category' AND a.ancestor_id = l.named
           WHERE l.tenant_id = $1 AND l.word = ANY ($2) ORDER BY l.word, a.distance, l.named LIMIT 200"#,
        tenant.0,
        words,
    )
    .fetch_all(tx.conn())
    .await?;
    let mut named: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in rows {
        let kind = Kind::parse(&row.kind).unwrap_or(Kind::Brand);
        named.entry(row.word).or_default().push(Facet::new(kind, row.named).key());
    }
    Ok(named)
}

/// Words of the store that share letters with a misspelt one, or are one of `exchanges`; those that share most first.
pub(in crate::catalog::search) async fn like(
    tx: &mut TenantTx,
    grams: &[String],
    shared: usize,
    exchanges: &[String],
) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant();
    let shared = i64::try_from(shared).unwrap_or(i64::MAX);
    let words = sqlx::query_scalar!(
        r#"SELECT n.word AS "word!" FROM (
               (SELECT g.word, count(*) AS shared FROM (SELECT DISTINCT unnest($2::text[])) o (gram)
                -- By itself for each: as one condition, a store with few words would make a plan that reads all of another's.
                CROSS JOIN LATERAL (SELECT g.word FROM search_grams g
                                    WHERE g.tenant_id = $1 AND g.gram = o.gram OFFSET 0) g
                GROUP BY g.word HAVING count(*) >= $3 ORDER BY count(*) DESC, g.word LIMIT 60)
               UNION ALL
               SELECT w.word, 0 FROM (SELECT DISTINCT unnest($4::text[])) e (word)
               CROSS JOIN LATERAL (SELECT w.word FROM search_words w
                                   WHERE w.tenant_id = $1 AND w.word = e.word OFFSET 0) w
           ) n ORDER BY n.shared DESC, n.word"#,
        tenant.0,
        grams,
        shared,
        exchanges,
    );
    Ok(words.fetch_all(tx.conn()).await?)
}

/// A brand or a category that visitors may go to.
pub(in crate::catalog::search) struct Named {
    pub(in crate::catalog::search) slug: String,
    pub(in crate::catalog::search) name: String,
}

/// Brands with something for sale, one of whose words begins with `start`.
pub(in crate::catalog::search) async fn brands(tx: &mut TenantTx, start: &str) -> Result<Vec<Named>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Named,
        "SELECT b.slug, b.name FROM brands b
         WHERE b.tenant_id = $1 AND b.id = ANY (ARRAY(
                   SELECT DISTINCT l.named FROM search_labels l
                   WHERE l.tenant_id = $1 AND l.word >= $2 AND l.word < $2 || chr(1114111) AND l.kind = 'brand' LIMIT 50))
               -- As a value for each row: a join would read all products.
               AND (SELECT true FROM products p WHERE p.tenant_id = $1 AND p.brand_id = b.id AND p.active LIMIT 1)
         ORDER BY b.name, b.slug LIMIT 4",
        tenant.0,
        start,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Categories with something for sale, one of whose words begins with `start`.
pub(in crate::catalog::search) async fn categories(tx: &mut TenantTx, start: &str) -> Result<Vec<Named>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Named,
        "SELECT c.slug, c.name FROM categories c
         WHERE c.tenant_id = $1 AND c.id = ANY (ARRAY(
                   SELECT DISTINCT l.named FROM search_labels l
                   WHERE l.tenant_id = $1 AND l.word >= $2 AND l.word < $2 || chr(1114111) AND l.kind = 'category' LIMIT 50))
               -- As a value for each row: a join would read all products.
               AND (SELECT true FROM category_products e WHERE e.tenant_id = $1 AND e.category_id = c.id LIMIT 1)
         ORDER BY c.name, c.slug LIMIT 4",
        tenant.0,
        start,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// A value that products were counted by.
pub(in crate::catalog::search) struct FacetRow {
    pub(in crate::catalog::search) key: i64,
    pub(in crate::catalog::search) kind: String,
    pub(in crate::catalog::search) named: Uuid,
    pub(in crate::catalog::search) value: Option<String>,
    pub(in crate::catalog::search) slug: Option<String>,
    pub(in crate::catalog::search) name: Option<String>,
}

/// What keys of facets stand for, as it is called now.
pub(in crate::catalog::search) async fn facets(tx: &mut TenantTx, keys: &[i64]) -> Result<Vec<FacetRow>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        FacetRow,
        r#"SELECT f.key, f.kind, f.named, f.value, coalesce(b.slug, c.slug, a.slug) AS "slug?",
                  coalesce(b.name, c.name, a.name) AS "name?"
           FROM search_facets f
           LEFT JOIN brands b ON b.tenant_id = $1 AND f.kind = 'brand' AND b.id = f.named
           LEFT JOIN categories c ON c.tenant_id = $1 AND f.kind = 'category' AND c.id = f.named
           LEFT JOIN attributes a ON a.tenant_id = $1 AND f.kind = 'attribute' AND a.id = f.named
           WHERE f.tenant_id = $1 AND f.key = ANY ($2)"#,
        tenant.0,
        keys,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// A category above another, or the other itself.
pub(in crate::catalog::search) struct Above {
    pub(in crate::catalog::search) below: Uuid,
    pub(in crate::catalog::search) slug: String,
    pub(in crate::catalog::search) name: String,
}

/// The categories in which those of `categories` are, themselves included.
pub(in crate::catalog::search) async fn above(tx: &mut TenantTx, categories: &[Uuid]) -> Result<Vec<Above>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Above,
        "SELECT a.category_id AS below, c.slug, c.name
         FROM category_ancestors a JOIN categories c ON c.tenant_id = $1 AND c.id = a.ancestor_id
         WHERE a.tenant_id = $1 AND a.category_id = ANY ($2)",
        tenant.0,
        categories,
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// The categories below one, itself included.
pub(in crate::catalog::search) async fn below(tx: &mut TenantTx, category: Uuid) -> Result<Vec<Uuid>, DbError> {
    let tenant = tx.tenant();
    let ids = sqlx::query_scalar!(
        "SELECT category_id FROM category_ancestors WHERE tenant_id = $1 AND ancestor_id = $2",
        tenant.0,
        category,
    );
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// The ids of a brand and of attributes by their slugs.
pub(in crate::catalog::search) async fn brand(tx: &mut TenantTx, slug: &str) -> Result<Option<Uuid>, DbError> {
    let tenant = tx.tenant();
    let id = sqlx::query_scalar!("SELECT id FROM brands WHERE tenant_id = $1 AND slug = $2", tenant.0, slug);
    Ok(id.fetch_optional(tx.conn()).await?)
}

/// The ids of attributes by their slugs.
pub(in crate::catalog::search) async fn attributes(
    tx: &mut TenantTx,
    slugs: &[String],
) -> Result<BTreeMap<String, Uuid>, DbError> {
    let tenant = tx.tenant();
    let rows =
        sqlx::query!("SELECT slug, id FROM attributes WHERE tenant_id = $1 AND slug = ANY ($2)", tenant.0, slugs,)
            .fetch_all(tx.conn())
            .await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.id)).collect())
}
