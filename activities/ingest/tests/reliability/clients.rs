//! Clients of the stream that are gone without a word.

use std::sync::Arc;

use tokio::io::AsyncReadExt;

use crate::http_stand::{Stand, batch};

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_the_stream_that_vanish_leave_nothing_behind_and_hold_nobody_up() {
    let stand = Arc::new(Stand::start().await);
    let body = batch("s", 100);
    let mut steady = stand.listen("").await;
    for round in 0..4_i64 {
        let mut clients = Vec::new();
        for number in 0..20 {
            let mut client = stand.listen("").await;
            if number % 2 == 0 {
                // What it has not read makes the end a reset.
                let mut some = [0; 10];
                assert_eq!(stand.post("/api/events", &crate::http_stand::event("s")).await.0, 201);
                client.0.get_mut().read_exact(&mut some).await.unwrap();
            }
            clients.push(client);
        }
        let posting = {
            let (stand, body) = (Arc::clone(&stand), body.clone());
            tokio::spawn(async move {
                for _ in 0..10 {
                    assert_eq!(stand.post("/api/events/batch", &body).await.0, 201);
                }
            })
        };
        drop(clients);
        posting.await.unwrap();
        for expected in round * 1_010 + 1..=(round + 1) * 1_010 {
            assert_eq!(steady.id().await, Some(expected));
        }
    }
    drop(steady);
    // Whoever has gone is noticed at the next frame.
    while !stand.get("/api/health").await.1.contains("\"sse_clients\":0") {
        assert_eq!(stand.post("/api/events/batch", &body).await.0, 201);
    }
    assert_eq!(stand.figure("stream_closed_slow_total").await, 0);
    Arc::into_inner(stand).unwrap().stop().await;
}
