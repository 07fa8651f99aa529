//! What is kept of products, beside them.

use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::ProductId;
use crate::catalog::search::document::{Document, Facet, Kind, Source};

/// What of products is searched, as it is written now.
pub(in crate::catalog::search) async fn sources(
    tx: &mut TenantTx,
    ids: &[ProductId],
) -> Result<Vec<(ProductId, Source)>, DbError> {
    let (tenant, ids) = (tx.tenant(), ids.iter().map(|id| id.0).collect::<Vec<_>>());
    let rows = sqlx::query!(
        r#"SELECT p.id, p.name, p.description, p.brand_id, p.category_id,
                  ARRAY(SELECT v.sku FROM variants v
                        WHERE v.tenant_id = $1 AND v.product_id = p.id AND v.sku IS NOT NULL ORDER BY v.position)
                      AS "skus!: Vec<String>",
                  ARRAY(SELECT a.attribute_id FROM product_attributes a
                        WHERE a.tenant_id = $1 AND a.product_id = p.id ORDER BY a.attribute_id) AS "attributes!: Vec<Uuid>",
                  ARRAY(SELECT a.value FROM product_attributes a
                        WHERE a.tenant_id = $1 AND a.product_id = p.id ORDER BY a.attribute_id) AS "values!: Vec<String>"
           FROM products p WHERE p.tenant_id = $1 AND p.id = ANY ($2)"#,
        tenant.0,
        &ids,
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| {
        let source = Source {
            name: row.name,
            description: row.description,
            brand: row.brand_id,
            category: row.category_id,
            attributes: row.attributes.into_iter().zip(row.values).collect(),
            skus: row.skus,
        };
        (ProductId(row.id), source)
    });
    Ok(read.collect())
}

/// Writes documents where they are others than before. Their rows are there: a trigger sees to that.
pub(in crate::catalog::search) async fn write(
    tx: &mut TenantTx,
    documents: &[(ProductId, Document)],
) -> Result<(), DbError> {
    let tenant = tx.tenant();
    let ids: Vec<_> = documents.iter().map(|(id, _)| id.0).collect();
    let heads: Vec<_> = documents.iter().map(|(_, document)| document.head.clone()).collect();
    // No lexeme holds a space, and none is without one.
    let lexemes: Vec<_> = documents.iter().map(|(_, document)| document.lexemes.join(" ")).collect();
    let keys = |document: &Document| document.facets.iter().flat_map(|facet| facet.key().to_be_bytes()).collect();
    let facets: Vec<Vec<u8>> = documents.iter().map(|(_, document)| keys(document)).collect();
    sqlx::query!(
        "UPDATE search_documents d SET head = n.head, lexemes = n.lexemes, facets = n.facets
         FROM (SELECT w.id, w.head::tsvector,
                      array_to_tsvector(string_to_array(x.prefix || replace(w.lexemes, ' ', ' ' || x.prefix), ' ')), w.facets
               FROM (SELECT search_prefix()) x (prefix)
               CROSS JOIN unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[]) w (id, head, lexemes, facets))
              n (id, head, lexemes, facets)
         WHERE d.tenant_id = $1 AND d.product_id = n.id
           AND (d.head, d.lexemes, d.facets) IS DISTINCT FROM (n.head, n.lexemes, n.facets)",
        tenant.0,
        &ids,
        &heads,
        &lexemes,
        &facets,
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
