//! Full shelves: many stores with many products each, made by an administrator out of a few that were written in earnest.

use serde_json::json;
use sqlx::PgConnection;

use crate::{Mall, Shop, admin_connection};

/// How many products are written in earnest; the others are their copies under other names, prices and ids.
const PATTERNS: usize = 120;

const ADJECTIVES: [&str; 16] = [
    "Folding",
    "Wooden",
    "Große",
    "Portable",
    "Vintage",
    "Classic",
    "سبک",
    "Leather",
    "Ceramic",
    "Kleine",
    "Modern",
    "Round",
    "Soft",
    "Heavy",
    "Waterproof",
    "دست‌ساز",
];
const NOUNS: [&str; 20] = [
    "lamp",
    "table",
    "Stuhl",
    "backpack",
    "Käsemesser",
    "mug",
    "کتاب",
    "carpet",
    "poster",
    "Regal",
    "tent",
    "kettle",
    "Decke",
    "bottle",
    "headphones",
    "فرش",
    "notebook",
    "Fahrrad",
    "jacket",
    "pillow",
];
const MATERIALS: [&str; 7] = ["Oak", "Ash wood", "Steel", "Cotton", "Leather", "Glass", "Clay"];
const COLOURS: [&str; 5] = ["Red", "Blue", "Natural", "Black", "White"];
const WORDS: &str = "made by hand of good stuff and sent with care to every place that has a door a table or a window in \
                     it because things that last are worth what they cost and more than that";

/// Fills `shop` with the patterns.
async fn patterns(shop: &Shop<'_>) {
    let owner = shop.owner();
    let (mut brands, mut categories) = (Vec::<String>::new(), Vec::<String>::new());
    for name in ["Material", "Colour"] {
        owner.post("/attributes", &json!({ "name": name })).await.expect(201);
    }
    for i in 0..24 {
        let brand = json!({ "name": format!("Brand {}", NOUNS[i % 20].to_uppercase().repeat(1 + i / 20)) });
        brands.push(owner.post("/brands", &brand).await.expect(201).text_at("/id"));
        let parent = (i >= 4).then(|| categories[i % 4].clone());
        let category = json!({ "name": format!("Shelf {i}"), "parent_id": parent });
        let category = if i < 4 { json!({ "name": format!("Hall {i}") }) } else { category };
        categories.push(owner.post("/categories", &category).await.expect(201).text_at("/id"));
    }
    for i in 0..PATTERNS {
        let (adjective, noun) = (ADJECTIVES[i % 16], NOUNS[(i / 16 + i) % 20]);
        let words: Vec<_> = WORDS.split_whitespace().cycle().skip(i).take(60).collect();
        let body = json!({
            "name": format!("{adjective} {noun}"), "slug": format!("pattern-{i}"), "description": words.join(" "),
            "brand_id": brands[i % 24], "category_id": categories[(i / 3) % 24], "sku": format!("PAT-{i}"),
            "attributes": { "material": MATERIALS[i % 7], "colour": COLOURS[i % 5] },
            "price": { "amount": 100 + i * 37, "currency": "EUR" },
        });
        owner.post("/products", &body).await.expect(201);
    }
}

/// Opens `stores` stores with `products` products each; answers their slugs and ids.
pub async fn fill(mall: &Mall, stores: usize, products: usize) -> Vec<(String, uuid::Uuid)> {
    let first = mall.open_store().await;
    patterns(&first).await;
    let mut admin = admin_connection(&mall.database.admin_url).await;
    sqlx::raw_sql("SET synchronous_commit = off; SET jit = off; SET enable_nestloop = off; SET session_replication_role = replica")
        .execute(&mut admin)
        .await
        .unwrap();
    // As one would load a store: the index at the end.
    let index: String = sqlx::query_scalar("SELECT pg_get_indexdef('search_documents_lexemes'::regclass)")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    sqlx::raw_sql("DROP INDEX search_documents_lexemes").execute(&mut admin).await.unwrap();
    let mut filled = Vec::new();
    for number in 0..stores {
        let (slug, id) = (format!("full-{number}"), uuid::Uuid::now_v7());
        copy(&mut admin, first.id.parse().unwrap(), id, &slug, i32::try_from(products).unwrap()).await;
        filled.push((slug, id));
    }
    sqlx::raw_sql(&index).execute(&mut admin).await.unwrap();
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut admin).await.unwrap();
    filled
}

/// Makes a store like `from`, with `products` copies of its products.
async fn copy(admin: &mut PgConnection, from: uuid::Uuid, to: uuid::Uuid, slug: &str, products: i32) {
    const STEPS: [&str; 16] = [
        "INSERT INTO platform.stores (id, slug, name, currency, created_at)
         SELECT $2, $4, $4, 'EUR', now() WHERE $1::uuid IS NOT NULL AND $3::int > 0",
        "INSERT INTO store_settings SELECT (jsonb_populate_record(s, jsonb_build_object('tenant_id', $2::uuid))).*
         FROM store_settings s WHERE s.tenant_id = $1 AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO brands SELECT (jsonb_populate_record(b, jsonb_build_object('tenant_id', $2::uuid))).*
         FROM brands b WHERE b.tenant_id = $1 AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO categories SELECT (jsonb_populate_record(c, jsonb_build_object('tenant_id', $2::uuid))).*
         FROM categories c WHERE c.tenant_id = $1 AND $3::int > 0 AND $4::text <> '' ORDER BY c.id",
        "INSERT INTO category_ancestors SELECT (jsonb_populate_record(c, jsonb_build_object('tenant_id', $2::uuid))).*
         FROM category_ancestors c WHERE c.tenant_id = $1 AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO locations SELECT (jsonb_populate_record(l, jsonb_build_object('tenant_id', $2::uuid))).*
         FROM locations l WHERE l.tenant_id = $1 AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO attributes SELECT (jsonb_populate_record(a, jsonb_build_object('tenant_id', $2::uuid))).*
         FROM attributes a WHERE a.tenant_id = $1 AND $3::int > 0 AND $4::text <> ''",
        "WITH w AS (INSERT INTO search_words (tenant_id, word) SELECT $2, word FROM search_words
                    WHERE tenant_id = $1 AND $3::int > 0 AND $4::text <> ''),
              l AS (INSERT INTO search_labels SELECT $2, word, named, kind FROM search_labels WHERE tenant_id = $1)
         INSERT INTO search_facets SELECT $2, key, kind, named, value FROM search_facets WHERE tenant_id = $1",
        "INSERT INTO search_grams (tenant_id, gram, word) SELECT $2, gram, word FROM search_grams
         WHERE tenant_id = $1 AND $3::int > 0 AND $4::text <> ''",
        // Ids as they would be: later ones are greater.
        "INSERT INTO products (tenant_id, id, slug, name, description, brand_id, category_id, active, price_minor, list_minor,
                               in_stock, sold, created_at, updated_at)
         SELECT $2, overlay(md5($2::text || n) placing lpad(to_hex(1700000000000 + n), 12, '0') || '7' from 1 for 13)::uuid,
                $4 || '-' || n, p.name || ' m' || n % 2003, p.description, p.brand_id, p.category_id, n % 25 <> 0,
                p.price_minor + n, p.price_minor + n + (n % 5 = 0)::int, n % 6 <> 0, (n::bigint * 7919) % 5003, now(), now()
         FROM generate_series(1, $3) n
         JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS many FROM products WHERE tenant_id = $1) p
              ON p.place = 1 + n % p.many
         ORDER BY n",
        "INSERT INTO variants (tenant_id, id, product_id, position, price_minor, list_minor)
         SELECT p.tenant_id, p.id, p.id, 1, p.price_minor, p.list_minor FROM products p
         WHERE p.tenant_id = $2 AND $1::uuid IS NOT NULL AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO category_products (tenant_id, category_id, product_id, price_minor, name)
         SELECT p.tenant_id, a.ancestor_id, p.id, p.price_minor, p.name
         FROM products p JOIN category_ancestors a ON a.tenant_id = p.tenant_id AND a.category_id = p.category_id
         WHERE p.tenant_id = $2 AND p.active AND $1::uuid IS NOT NULL AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO product_attributes (tenant_id, product_id, attribute_id, value)
         SELECT p.tenant_id, p.id, a.attribute_id, a.value
         FROM products p JOIN products q ON q.tenant_id = $1 AND q.name = substring(p.name from '^(.*) m[0-9]+$')
              AND q.brand_id = p.brand_id AND q.category_id = p.category_id
         JOIN product_attributes a ON a.tenant_id = $1 AND a.product_id = q.id
         WHERE p.tenant_id = $2 AND $3::int > 0 AND $4::text <> '' ON CONFLICT DO NOTHING",
        "INSERT INTO stock_levels (tenant_id, variant_id, location_id, on_hand)
         SELECT p.tenant_id, p.id, l.id, CASE WHEN p.in_stock THEN 3 ELSE 0 END
         FROM products p JOIN locations l ON l.tenant_id = p.tenant_id AND l.is_default
         WHERE p.tenant_id = $2 AND $1::uuid IS NOT NULL AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO reviews (tenant_id, id, product_id, author, stars, body, state, verified_purchase, created_at)
         SELECT p.tenant_id, p.id, p.id, 'Vera', 1 + p.sold % 5, 'Good.', (ARRAY['approved', 'approved', 'waiting', 'rejected'])[1 + p.sold % 4],
                false, now()
         FROM products p WHERE p.tenant_id = $2 AND $1::uuid IS NOT NULL AND $3::int > 0 AND $4::text <> ''",
        "INSERT INTO product_images (tenant_id, id, product_id, position, name, content, width, height, sizes, bytes, created_at)
         SELECT p.tenant_id, p.id, p.id, 0, md5(p.id::text), md5(p.id::text) || md5(p.id::text), 640, 480,
                '[{\"width\": 320, \"height\": 240}, {\"width\": 640, \"height\": 480}]', 50000, now()
         FROM products p WHERE p.tenant_id = $2 AND $1::uuid IS NOT NULL AND $3::int > 0 AND $4::text <> ''",
    ];
    // What the pattern is found by, behind the prefix of the new store, and the number of the copy.
    const FOUND_BY: &str = "WITH x (prefix) AS (
             SELECT translate(substr(encode(substring(uuid_send($2::uuid) FROM 9), 'base64'), 1, 11), '+/', '-_')
         ), s AS MATERIALIZED (
             SELECT q.name, o.facets, o.head,
                    (SELECT array_agg(x.prefix || substr(w, 12)) FROM unnest(tsvector_to_array(o.lexemes)) w) AS lexemes
             FROM products q JOIN search_documents o ON o.tenant_id = q.tenant_id AND o.product_id = q.id CROSS JOIN x
             WHERE q.tenant_id = $1
         )
         INSERT INTO search_documents (tenant_id, product_id, name, active, price_minor, on_sale, in_stock, sold, head, lexemes, facets)
         SELECT p.tenant_id, p.id, p.name, p.active, p.price_minor, p.on_sale, p.in_stock, p.sold,
                s.head || format('''%1$s'':1A ''~%1$s'':1B', n.number)::tsvector,
                array_to_tsvector(s.lexemes || ARRAY[x.prefix || n.number, x.prefix || '~' || n.number]), s.facets
         FROM products p CROSS JOIN x
         CROSS JOIN LATERAL (SELECT substring(p.name from '^(.*) m[0-9]+$'), substring(p.name from 'm[0-9]+$')) n (plain, number)
         JOIN s ON s.name = n.plain
         WHERE p.tenant_id = $2 AND $3::int > 0 AND $4::text <> ''";
    for sql in STEPS.into_iter().chain([FOUND_BY]) {
        let step = sqlx::query(sql).bind(from).bind(to).bind(products).bind(slug);
        step.execute(&mut *admin).await.unwrap_or_else(|err| panic!("{err}: {sql}"));
    }
}
