//! What is found: one statement an order, over the one function that searches.

use kernel::Limit;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::search::Filter;
use crate::catalog::search::wanted::Terms;
use crate::catalog::{Place, Sort};

/// A product that was found, and what its place is told by.
struct FoundRow {
    id: Uuid,
    score: i64,
    name: String,
    price_minor: i64,
    sold: i64,
}

/// A statement over what is found; `$rest` is the place and the order. `$1` is the tenant for the tables beside it: what
/// is found is the setting's.
macro_rules! found {
    ($rest:literal, $terms:ident, $filter:ident, $($arg:expr),*) => {
        sqlx::query_as!(
            FoundRow,
            r#"SELECT m.product_id AS "id!", m.score AS "score!", m.name AS "name!", m.price_minor AS "price_minor!",
                      m.sold AS "sold!"
               FROM search_products($1, $2, $3, $4::text::tsquery, $5::text::tsquery, $6, $7, $8, $9, $10) m "# + $rest,
            &$terms.lexemes,
            &$terms.groups,
            &$terms.prefixes,
            $terms.exact,
            $terms.loose,
            $filter.active,
            $filter.lowest,
            $filter.highest,
            $filter.on_sale,
            $filter.in_stock,
            $($arg),*
        )
    };
}

/// The products found behind `after`, in order.
pub(in crate::catalog::search) async fn page(
    tx: &mut TenantTx,
    terms: &Terms,
    filter: &Filter,
    sort: Sort,
    after: &Place,
    limit: Limit,
) -> Result<Vec<(Uuid, Place)>, DbError> {
    let (limit, id) = (limit.and_one(), after.id());
    let rows = match (sort, after) {
        (Sort::Relevance, Place::Score(score, _)) => {
            found!(
                "WHERE (m.score, m.product_id) < ($11, $12) ORDER BY m.score DESC, m.product_id DESC LIMIT $13",
                terms,
                filter,
                *score,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        (Sort::PriceUp, Place::Price(price, _)) => {
            found!(
                "WHERE (m.price_minor, m.product_id) > ($11, $12) ORDER BY m.price_minor, m.product_id LIMIT $13",
                terms,
                filter,
                *price,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        (Sort::PriceDown, Place::Price(price, _)) => found!(
            "WHERE (m.price_minor, m.product_id) < ($11, $12) ORDER BY m.price_minor DESC, m.product_id DESC LIMIT $13",
            terms,
            filter,
            *price,
            id,
            limit
        )
        .fetch_all(tx.conn())
        .await,
        (Sort::Name, Place::Name(name, _)) => {
            found!(
                r#"WHERE (m.name COLLATE "und-x-icu", m.product_id) > ($11, $12)
                   ORDER BY m.name COLLATE "und-x-icu", m.product_id LIMIT $13"#,
                terms,
                filter,
                name,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        (Sort::BestSelling, Place::Sold(sold, _)) => {
            found!(
                "WHERE (m.sold, m.product_id) < ($11, $12) ORDER BY m.sold DESC, m.product_id DESC LIMIT $13",
                terms,
                filter,
                *sold,
                id,
                limit
            )
            .fetch_all(tx.conn())
            .await
        }
        _ => {
            found!("WHERE m.product_id < $11 ORDER BY m.product_id DESC LIMIT $12", terms, filter, id, limit)
                .fetch_all(tx.conn())
                .await
        }
    };
    Ok(rows?.into_iter().map(|row| (row.id, row.place(sort))).collect())
}

impl FoundRow {
    fn place(self, sort: Sort) -> Place {
        match sort {
            Sort::Relevance => Place::Score(self.score, self.id),
            Sort::PriceUp | Sort::PriceDown => Place::Price(self.price_minor, self.id),
            Sort::Name => Place::Name(self.name, self.id),
            Sort::BestSelling => Place::Sold(self.sold, self.id),
            Sort::Newest => Place::Newest(self.id),
        }
    }
}

/// What is counted of what is found.
pub(in crate::catalog::search) struct Counted {
    pub(in crate::catalog::search) total: i64,
    pub(in crate::catalog::search) lowest: Option<i64>,
    pub(in crate::catalog::search) highest: Option<i64>,
    /// The keys of the facets of all that is found, eight bytes each.
    pub(in crate::catalog::search) facets: Option<Vec<u8>>,
}

/// Counts what is found.
pub(in crate::catalog::search) async fn count(
    tx: &mut TenantTx,
    terms: &Terms,
    filter: &Filter,
) -> Result<Counted, DbError> {
    let counted = sqlx::query_as!(
        Counted,
        r#"SELECT count(*) AS "total!", min(m.price_minor) AS lowest, max(m.price_minor) AS highest,
                  string_agg(m.facets, '') AS facets
           FROM search_products($1, $2, $3, NULL, NULL, $4, $5, $6, $7, $8) m"#,
        &terms.lexemes,
        &terms.groups,
        &terms.prefixes,
        filter.active,
        filter.lowest,
        filter.highest,
        filter.on_sale,
        filter.in_stock,
    );
    Ok(counted.fetch_one(tx.conn()).await?)
}
