//! What is kept of products, beside them.

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::ProductId;
use crate::catalog::search::document::{Document, Facet, Kind, Source};

/// What of a product is searched, as it is written now.
pub(in crate::catalog::search) async fn source(tx: &mut TenantTx, id: ProductId) -> Result<Option<Source>, DbError> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        r#"SELECT p.name, p.description, p.brand_id, p.category_id,
                  ARRAY(SELECT v.sku FROM variants v
                        WHERE v.tenant_id = $1 AND v.product_id = p.id AND v.sku IS NOT NULL ORDER BY v.position)
                      AS "skus!: Vec<String>",
                  ARRAY(SELECT a.attribute_id FROM product_attributes a
                        WHERE a.tenant_id = $1 AND a.product_id = p.id ORDER BY a.attribute_id) AS "attributes!: Vec<Uuid>",
                  ARRAY(SELECT a.value FROM product_attributes a
                        WHERE a.tenant_id = $1 AND a.product_id = p.id ORDER BY a.attribute_id) AS "values!: Vec<String>"
           FROM products p WHERE p.tenant_id = $1 AND p.id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Source {
        name: row.name,
        description: row.description,
        brand: row.brand_id,
        category: row.category_id,
        attributes: row.attributes.into_iter().zip(row.values).collect(),
        skus: row.skus,
    }))
}

/// Writes a document where it is another than before. Its row is there: a trigger sees to that.
pub(in crate::catalog::search) async fn write(
    tx: &mut TenantTx,
    id: ProductId,
    document: &Document,
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let facets: Vec<u8> = document.facets.iter().flat_map(|facet| facet.key().to_be_bytes()).collect();
    sqlx::query!(
        "UPDATE search_documents d SET head = n.head, lexemes = n.lexemes, facets = $5
         FROM (SELECT $3::text::tsvector, array_to_tsvector(ARRAY(SELECT search_prefix() || w.lexeme FROM unnest($4::text[]) w (lexeme))))
              n (head, lexemes)
         WHERE d.tenant_id = $1 AND d.product_id = $2
           AND (d.head, d.lexemes, d.facets) IS DISTINCT FROM (n.head, n.lexemes, $5)",
        tenant.0,
        id.0,
        document.head,
        &document.lexemes,
        facets,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes down what the keys of facets stand for.
pub(in crate::catalog::search) async fn name_facets(tx: &mut TenantTx, facets: &[Facet]) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let keys: Vec<_> = facets.iter().map(Facet::key).collect();
    let kinds: Vec<_> = facets.iter().map(|facet| facet.kind.as_str().to_owned()).collect();
    let named: Vec<_> = facets.iter().map(|facet| facet.of).collect();
    let values: Vec<_> = facets.iter().map(|facet| facet.value.clone()).collect();
    sqlx::query!(
        "INSERT INTO search_facets (tenant_id, key, kind, named, value)
         SELECT $1, n.key, n.kind, n.named, n.value
         FROM unnest($2::bigint[], $3::text[], $4::uuid[], $5::text[]) n (key, kind, named, value)
         WHERE NOT EXISTS (SELECT FROM search_facets f WHERE f.tenant_id = $1 AND f.key = n.key)
         ORDER BY n.key ON CONFLICT DO NOTHING",
        tenant.0,
        &keys,
        &kinds,
        &named,
        &values as &[Option<String>],
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Adds the words that are new, and answers them.
pub(in crate::catalog::search) async fn add_words(tx: &mut TenantTx, words: &[String]) -> Result<Vec<String>, DbError> {
    let tenant = tx.tenant();
    let new = sqlx::query_scalar!(
        "INSERT INTO search_words (tenant_id, word)
         SELECT $1, n.word FROM unnest($2::text[]) n (word)
         WHERE NOT EXISTS (SELECT FROM search_words w WHERE w.tenant_id = $1 AND w.word = n.word)
         ORDER BY n.word ON CONFLICT DO NOTHING RETURNING word",
        tenant.0,
        words,
    );
    Ok(new.fetch_all(tx.conn()).await?)
}

/// Adds what new words are found by when they are misspelt.
pub(in crate::catalog::search) async fn add_grams(
    tx: &mut TenantTx,
    grams: &[String],
    words: &[String],
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO search_grams (tenant_id, gram, word)
         SELECT $1, n.gram, n.word FROM unnest($2::text[], $3::text[]) n (gram, word) ON CONFLICT DO NOTHING",
        tenant.0,
        grams,
        words,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets what a brand or a category is called.
pub(in crate::catalog::search) async fn forget_label(tx: &mut TenantTx, named: Uuid) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM search_labels WHERE tenant_id = $1 AND named = $2", tenant.0, named)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Writes down what a brand or a category is called.
pub(in crate::catalog::search) async fn add_label(
    tx: &mut TenantTx,
    kind: Kind,
    named: Uuid,
    words: &[String],
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO search_labels (tenant_id, word, named, kind) SELECT $1, n.word, $2, $3 FROM unnest($4::text[]) n (word)",
        tenant.0,
        named,
        kind.as_str(),
        words,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
