//! Pictures of products: uploaded by staff, made ready, and loaded by anybody's browser.

mod files;
mod hostile;

use reqwest::Method;
use serde_json::{Value, json};
use server::config::Pictures;
use tests::{Answer, Mall, Owner, Shop};

use self::files::{Draw, jpeg, png};

/// Staff uploads a picture.
async fn upload(owner: &Owner<'_>, product: &str, kind: &str, bytes: Vec<u8>) -> Answer {
    let request = owner.request(Method::POST, &format!("/products/{product}/images"));
    Answer::of(request.header("Content-Type", kind).body(bytes)).await
}

/// A product, by its id.
async fn product(shop: &Shop<'_>, name: &str) -> String {
    shop.owner().add_product(name).await.text_at("/id")
}

/// The path of a file, whatever host its address names.
fn path(url: &str) -> String {
    format!("/media/{}", url.split_once("/media/").unwrap().1)
}

fn urls(image: &Value) -> Vec<String> {
    image["sources"].as_array().unwrap().iter().map(|source| path(source["url"].as_str().unwrap())).collect()
}

async fn bytes_at(mall: &Mall, path: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let response = mall.request(Method::GET, path).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_uploaded_seen_and_never_sent_twice() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    assert_eq!(shop.visit("/products/lamp").await.expect(200).json["images"], json!([]));

    let request = owner.request(Method::POST, &format!("/products/{lamp}/images?alt=A%20lamp%20at%20night"));
    let made =
        Answer::of(request.header("Content-Type", "image/png").body(png(900, 600, Draw::Opaque))).await.expect(201);
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(made.header("location"), format!("/admin/v1/products/{lamp}/images/{}", made.text_at("/id")));
    let sizes: Vec<_> = made.json["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["type"].as_str().unwrap(), s["width"].as_u64().unwrap(), s["height"].as_u64().unwrap()))
        .collect();
    let sizes_of = |kind| [(kind, 320, 213), (kind, 640, 427), (kind, 900, 600)];
    assert_eq!(sizes, [sizes_of("image/webp"), sizes_of("image/jpeg")].concat(), "smaller, and never larger");

    let seen = shop.visit("/products/lamp").await.expect(200);
    let image = &seen.json["images"][0];
    assert_eq!((&image["alt"], &image["width"]), (&json!("A lamp at night"), &json!(900)));
    assert_eq!(shop.visit("/products").await.json["items"][0]["images"], json!([image]));
    assert_eq!(owner.get(&format!("/products/{lamp}")).await.json["images"][0], made.json);
    assert_eq!(owner.get("/products").await.json["items"][0]["images"][0], made.json);
    assert_eq!(owner.get(made.header("location").trim_start_matches("/admin/v1")).await.expect(200).json, made.json);

    for (path, source) in urls(image).iter().zip(image["sources"].as_array().unwrap()) {
        let (status, headers, bytes) = bytes_at(&mall, path).await;
        assert_eq!((status, headers["content-type"].to_str().ok()), (200, source["type"].as_str()));
        assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let read = image::load_from_memory(&bytes).unwrap();
        assert_eq!((json!(read.width()), json!(read.height())), (source["width"].clone(), source["height"].clone()));
        assert_eq!(bytes_at(&mall, path).await.2, bytes, "the same bytes each time");
        let etag = headers["etag"].to_str().unwrap();
        let again = Answer::of(mall.request(Method::GET, path).header("If-None-Match", etag)).await.expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", etag));
        let head = Answer::of(mall.request(Method::HEAD, path)).await.expect(200);
        assert_eq!((head.text.as_str(), head.header("etag")), ("", etag));
        Answer::of(mall.request(Method::POST, path)).await.expect_problem(405, "request.method_not_allowed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_put_in_order_described_and_removed_at_the_version_meant() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    let all = format!("/products/{lamp}/images");
    let mut ids = Vec::new();
    for shade in 0..4 {
        ids.push(upload(&owner, &lamp, "image/png", png(8, 8, Draw::Shade(shade))).await.expect(201).text_at("/id"));
    }
    let order = async || {
        let listed = owner.get(&all).await.expect(200).json;
        listed["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let at = |i: usize| format!("{all}/{}", ids[i]);
    let pick = |places: &[usize]| places.iter().map(|i| ids[*i].clone()).collect::<Vec<_>>();

    Answer::of(owner.request(Method::PATCH, &at(3)).json(&json!({})))
        .await
        .expect_problem(428, "request.version_required");
    let moved = owner.patch(&at(3), "\"1\"", &json!({ "position": 0, "alt": "First" })).await.expect(200);
    assert_eq!((moved.header("etag"), moved.text_at("/alt")), ("\"2\"", "First".to_owned()));
    assert_eq!(order().await, pick(&[3, 0, 1, 2]));
    let first = shop.visit("/products").await.json["items"][0]["images"][0]["id"].clone();
    assert_eq!(first, json!(ids[3]), "the first stands for the product");
    owner.patch(&at(3), "\"1\"", &json!({ "position": 2 })).await.expect_problem(412, "request.stale_version");
    owner.patch(&at(3), "\"2\"", &json!({ "position": 19, "alt": null })).await.expect(200);
    assert_eq!(order().await, pick(&[0, 1, 2, 3]));
    for wrong in [json!({ "position": 20 }), json!({ "position": -1 }), json!({ "position": "0" })] {
        owner.patch(&at(0), "*", &wrong).await.expect_problem(422, "request.invalid").blames("/position");
    }
    owner.patch(&at(0), "*", &json!({ "alt": "" })).await.expect_problem(422, "request.invalid").blames("/alt");

    owner.delete(&at(1), "\"7\"").await.expect_problem(412, "request.stale_version");
    let without = Answer::of(owner.request(Method::DELETE, &at(1))).await;
    without.expect_problem(428, "request.version_required");
    owner.delete(&at(1), "\"1\"").await.expect(204);
    owner.delete(&at(1), "*").await.expect_problem(404, "images.no_image");
    assert_eq!(order().await, pick(&[0, 2, 3]));
    owner.patch(&at(3), "*", &json!({ "position": 1 })).await.expect(200);
    assert_eq!(order().await, pick(&[0, 3, 2]));
    let listed = owner.get("/audit").await.expect(200);
    let actions: Vec<_> = listed.json["items"].as_array().unwrap().iter().map(|e| e["action"].clone()).collect();
    assert_eq!(actions[..2], [json!("changeProductImage"), json!("removeProductImage")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stores_pictures_are_as_missing_as_none() {
    let mall = Mall::open().await;
    let (books, bikes) = (mall.open_store().await, mall.open_store().await);
    let lamp = product(&books, "Lamp").await;
    let made = upload(&books.owner(), &lamp, "image/png", png(8, 8, Draw::Opaque)).await.expect(201);
    let nowhere = "0192f0c1-2345-7000-8000-000000000000";
    let image = made.text_at("/id");

    let thief = bikes.owner();
    for (theirs, none) in [
        (
            upload(&thief, &lamp, "image/png", png(8, 8, Draw::Opaque)).await,
            upload(&thief, nowhere, "image/png", png(8, 8, Draw::Opaque)).await,
        ),
        (thief.get(&format!("/products/{lamp}/images")).await, thief.get(&format!("/products/{nowhere}/images")).await),
        (
            thief.get(&format!("/products/{lamp}/images/{image}")).await,
            thief.get(&format!("/products/{nowhere}/images/{image}")).await,
        ),
        (
            thief.delete(&format!("/products/{lamp}/images/{image}"), "*").await,
            thief.delete(&format!("/products/{nowhere}/images/{image}"), "*").await,
        ),
    ] {
        let masked = |answer: &Answer| (answer.masked(&lamp).0, answer.masked(&lamp).1.replace(nowhere, "ID"));
        assert_eq!(masked(&theirs), masked(&none));
        assert_eq!(theirs.status, 404);
    }
    // One store's image is not reached by way of another of its products either.
    let other = product(&books, "Other").await;
    books
        .owner()
        .delete(&format!("/products/{other}/images/{image}"), "*")
        .await
        .expect_problem(404, "images.no_image");

    // The same picture has another name in each store, and no name is good in another store.
    let (path, own) = (urls(&made.json)[0].clone(), product(&bikes, "Lamp").await);
    let copy = upload(&thief, &own, "image/png", png(8, 8, Draw::Opaque)).await.expect(201);
    let file = |path: &str| path.rsplit_once('/').unwrap().1.to_owned();
    assert_ne!(file(&path), file(&urls(&copy.json)[0]));
    let missing =
        mall.get(&format!("/media/{nowhere}/{}", file(&path))).await.expect_problem(404, "images.no_picture_here");
    for path in [
        format!("/media/{}/{}", bikes.id, file(&path)),
        path.replace(".webp", ".png"),
        path.replace("-8.", "-9."),
        path.to_uppercase().replace("/MEDIA/", "/media/"),
        format!("{path}%00"),
        format!("/media/{}/..%2f{}%2f{}", bikes.id, books.id, file(&path)),
    ] {
        let answer = mall.get(&path).await.expect_problem(404, "images.no_picture_here");
        assert_eq!(answer.masked(""), missing.masked(""), "{path}");
        let known = mall.request(Method::GET, &path).header("If-None-Match", "*");
        Answer::of(known).await.expect_problem(404, "images.no_picture_here");
    }
    mall.get(&path).await.expect(200);
    let operator = mall.operator_token().await;
    let suspend =
        mall.request(Method::POST, &format!("/platform/v1/stores/{}/suspend", books.id)).bearer_auth(operator);
    Answer::of(suspend).await;
    let gone = async {
        while mall.get(&path).await.status == 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), gone).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_holds_a_picture_once_and_twenty_in_all() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    let uploads = (0..4).map(|_| upload(&owner, &lamp, "image/jpeg", jpeg(64, 64)));
    let answers = futures_util::future::join_all(uploads).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 201]);
    assert!(answers.iter().all(|answer| answer.json == answers[0].json), "all are told of the same image");

    // 19 more fit, whoever comes first.
    let uploads = (0..24).map(|shade| upload(&owner, &lamp, "image/png", png(8, 8, Draw::Shade(shade))));
    let answers = futures_util::future::join_all(uploads).await;
    let (added, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((added.len(), refused.len()), (19, 5));
    refused.into_iter().for_each(|answer| drop(answer.expect_problem(409, "images.too_many")));
    let listed = owner.get(&format!("/products/{lamp}/images")).await.json;
    assert_eq!(listed["items"].as_array().unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_while_it_is_uploaded_leaves_no_row_without_its_picture() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    for round in 0..12 {
        let lamp = product(&shop, &format!("Lamp {round}")).await;
        let (images, picture) = (format!("/products/{lamp}/images"), png(200, 200, Draw::Shade(round)));
        let known = upload(&owner, &lamp, "image/png", picture.clone()).await.expect(201).text_at("/id");
        let (known, path) = (format!("{images}/{known}"), format!("/products/{lamp}"));
        let removes_product = round % 2 == 0;
        let (again, other, gone) = tokio::join!(
            upload(&owner, &lamp, "image/png", picture.clone()),
            upload(&owner, &lamp, "image/png", png(200, 200, Draw::Opaque)),
            owner.delete(if removes_product { &path } else { &known }, "*"),
        );
        gone.expect(204);
        for answer in [again, other] {
            assert!([200, 201, 404].contains(&answer.status.as_u16()), "{}", answer.text);
        }
        let left = owner.get(&images).await;
        assert_eq!(left.status.as_u16(), if removes_product { 404 } else { 200 });
        for image in left.json["items"].as_array().into_iter().flatten() {
            for path in urls(image) {
                mall.get(&path).await.expect(200);
            }
        }
    }
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let counts: (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM product_images i WHERE i.name = l.name)), count(*) FROM image_leftovers l",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(counts.0, 0, "what is shown is no leftover");
    assert!(counts.1 >= 12, "each picture that went is known: {counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_kept_in_a_folder_and_no_row_is_made_where_they_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("media");
    let mall = Mall::open_with(|config| config.pictures = Pictures::Folder(kept.clone())).await;
    let (shop, other) = (mall.open_store().await, mall.open_store().await);
    let lamp = product(&shop, "Lamp").await;
    let made = upload(&shop.owner(), &lamp, "image/png", png(8, 8, Draw::Opaque)).await.expect(201);
    for path in urls(&made.json) {
        let (status, _, bytes) = bytes_at(&mall, &path).await;
        let (picture, file) = path[1..].rsplit_once('-').unwrap();
        assert_eq!((status, bytes), (200, std::fs::read(kept.join(picture).join(file)).unwrap()));
    }
    // Where the other store's folder would be, there is a file.
    std::fs::write(kept.join("media").join(&other.id), "in the way").unwrap();
    let lamp = product(&other, "Lamp").await;
    let refused = upload(&other.owner(), &lamp, "image/png", png(8, 8, Draw::Opaque)).await;
    assert_eq!(refused.expect_problem(503, "images.unavailable").header("retry-after"), "5");
    assert_eq!(other.owner().get(&format!("/products/{lamp}/images")).await.expect(200).json["items"], json!([]));
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM image_leftovers").fetch_one(&mut admin).await.unwrap();
    assert_eq!(left, 1, "what was begun is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_bytes_of_a_picture_are_taken() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let (owner, lamp) = (shop.owner(), product(&shop, "Lamp").await);
    for kind in
        ["multipart/form-data; boundary=x", "image/svg+xml", "text/html", "application/json", "image/png-but-not"]
    {
        let answer = upload(&owner, &lamp, kind, png(8, 8, Draw::Opaque)).await;
        answer.expect_problem(415, "request.unsupported_media_type");
    }
    upload(&owner, &lamp, "image/png", Vec::new()).await.expect_problem(422, "images.no_picture");
    upload(&owner, &lamp, "image/png", vec![0; 10 * 1024 * 1024 + 1]).await.expect_problem(413, "request.too_large");
    // What is declared wrongly is taken for what it is.
    upload(&owner, &lamp, "image/gif", png(8, 8, Draw::Opaque)).await.expect(201);
    upload(&owner, &lamp, "application/octet-stream", jpeg(8, 8)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_picture_needs_is_removed_after_a_day() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let owner = shop.owner();
    let (lamp, chair) = (product(&shop, "Lamp").await, product(&shop, "Chair").await);
    let add = async |product: &str, shade| {
        let made = upload(&owner, product, "image/png", png(20, 20, Draw::Shade(shade))).await.expect(201);
        (made.text_at("/id"), urls(&made.json))
    };
    let (kept, removed, with_product) = (add(&lamp, 1).await, add(&lamp, 2).await, add(&chair, 3).await);
    owner.delete(&format!("/products/{lamp}/images/{}", removed.0), "*").await.expect(204);
    owner.delete(&format!("/products/{chair}"), "*").await.expect(204);
    mall.get(&removed.1[0]).await.expect(200);

    // A day passes, but for one who only just left.
    let late = add(&lamp, 4).await;
    let mut admin = tests::admin_connection(&mall.database.admin_url).await;
    sqlx::raw_sql("UPDATE image_leftovers SET since = since - interval '25 hours'").execute(&mut admin).await.unwrap();
    owner.delete(&format!("/products/{lamp}/images/{}", late.0), "*").await.expect(204);
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM platform.jobs WHERE kind = 'images.sweep'")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(waiting, 1, "one job for all of a store");
    sqlx::raw_sql("UPDATE platform.jobs SET scheduled_at = now() WHERE kind = 'images.sweep'")
        .execute(&mut admin)
        .await
        .unwrap();
    let swept = "SELECT count(*) = 1 FROM image_leftovers";
    crate::jobs::until(&mut admin, swept).await;
    for path in removed.1.iter().chain(&with_product.1) {
        mall.get(path).await.expect_problem(404, "images.no_picture_here");
    }
    for path in kept.1.iter().chain(&late.1) {
        mall.get(path).await.expect(200);
    }
    let again = "SELECT count(*) = 1 FROM platform.jobs WHERE kind = 'images.sweep' AND scheduled_at > now() + interval '23 hours'";
    crate::jobs::until(&mut admin, again).await;
}
