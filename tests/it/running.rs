//! Starting, being asked how one is, and stopping gently.

use std::time::Duration;

use reqwest::Method;
use tests::{Mall, admin_pool};

#[tokio::test]
async fn a_server_is_alive_and_ready_and_says_which_request_was_which() {
    let mall = Mall::open().await;
    let (live, ready) = (mall.get("/livez").await.expect(200), mall.get("/readyz").await.expect(200));
    assert_ne!(live.header("stoa-request-id"), ready.header("stoa-request-id"));
    assert!(live.header("stoa-request-id").parse::<uuid::Uuid>().is_ok());
}

#[tokio::test]
async fn without_its_database_a_server_lives_is_not_ready_and_comes_back_by_itself() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.visit("/products").await.expect(200);
    let admin = admin_pool(&mall.database.admin_url).await;
    // Every connection that the server holds dies under it, as when the database restarts.
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'stoa\\_%' AND pid <> pg_backend_pid()";
    let killed: i64 = sqlx::query_scalar(ended).fetch_one(&admin).await.unwrap();
    assert!(killed > 0);
    shop.visit("/products").await.expect(200);

    let name = mall.database.name();
    let elsewhere = admin_pool(&mall.database.admin_url.replace(name, "postgres")).await;
    let allow = |yes: bool| format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {yes}");
    sqlx::query(&allow(false)).execute(&elsewhere).await.unwrap();
    sqlx::query(ended).execute(&admin).await.unwrap();
    mall.get("/livez").await.expect(200);
    let unready = mall.get("/readyz").await;
    assert!(unready.status == 503, "{}", unready.text);
    sqlx::query(&allow(true)).execute(&elsewhere).await.unwrap();
    shop.visit("/products").await.expect(200);
}

#[tokio::test]
async fn a_server_that_is_to_stop_says_so_and_finishes_what_is_under_way() {
    let mut mall = Mall::open_with(|config| config.shutdown_delay = Duration::from_secs(2)).await;
    let slow = Mall::application("last-minute");
    mall.get("/readyz").await.expect(200);
    mall.stop();
    // Within the delay it still answers, but is no longer ready for new work.
    let unready = tokio::time::timeout(Duration::from_secs(2), async {
        loop {
            let answer = mall.get("/readyz").await;
            if answer.status == 503 {
                return answer;
            }
        }
    });
    unready.await.expect("it goes on being ready").expect_problem(503, "service.draining");
    mall.post("/platform/v1/stores", &slow).await.expect(201);
    // Then it takes no more connections.
    let gone = async { while mall.request(Method::GET, "/livez").send().await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("it goes on serving");
    let refused: Result<_, _> = mall.request(Method::GET, "/livez").send().await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn what_is_counted_names_no_store_and_no_path() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    shop.visit("/products").await.expect(200);
    shop.visit("/products/no-such-lamp").await.expect(404);
    shop.register("sam@shop.example").await.expect(201);
    mall.run_jobs_until_idle().await;
    let metrics = mall.get("/dev/metrics").await.expect(200);
    for line in [
        "stoa_http_requests_total{status=\"200\",surface=\"storefront\"} 1",
        "stoa_http_requests_total{status=\"404\",surface=\"storefront\"} 1",
        "stoa_http_request_seconds_count{surface=\"storefront\"} 3",
        "stoa_jobs_ended_total{end=\"done\",kind=\"event.pass_on\"} 1",
        "stoa_jobs_ended_total{end=\"done\",kind=\"account.letter\"} 1",
    ] {
        assert!(metrics.text.contains(line), "{line} is not in\n{}", metrics.text);
    }
    for secret in [shop.id.as_str(), &shop.slug, "no-such-lamp", "sam@"] {
        assert!(!metrics.text.contains(secret), "{secret}");
    }
}
