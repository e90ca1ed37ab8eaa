use std::sync::{Arc, Mutex};

use hyper::body::Body;

use super::*;

/// A store of events 1..=n.
#[derive(Default)]
struct Table(Mutex<Vec<i64>>);

fn frames(ids: &[i64], writer: &mut BlockWriter) {
    for id in ids {
        writer.event(*id, "agent", "error", |json| json.push_str(&format!("{{\"n\":{id}}}")));
    }
}

impl Pages for Table {
    fn after(&self, after: i64, limit: usize) -> Result<Option<(Vec<Block>, i64)>, String> {
        let ids: Vec<i64> = self.0.lock().unwrap().iter().copied().filter(|id| *id > after).take(limit).collect();
        let Some(last) = ids.last().copied() else { return Ok(None) };
        let mut writer = BlockWriter::default();
        frames(&ids, &mut writer);
        Ok(Some((writer.finish(), last)))
    }
}

struct Stand {
    hub: Arc<Hub>,
    table: Arc<Table>,
}

impl Stand {
    fn new(stored: i64) -> Self {
        Self { hub: Hub::new(3, stored), table: Arc::new(Table(Mutex::new((1..=stored).collect()))) }
    }

    fn commit(&self, ids: std::ops::RangeInclusive<i64>) {
        let ids: Vec<i64> = ids.collect();
        self.table.0.lock().unwrap().extend(&ids);
        self.hub.publish(*ids.last().unwrap(), |writer| frames(&ids, writer));
    }

    fn newest(&self) -> i64 {
        self.table.0.lock().unwrap().last().copied().unwrap_or(0)
    }

    fn follow(&self, seen: Option<i64>) -> StreamBody {
        let place = self.hub.enter().unwrap();
        let pace = Pace { replay_events: 20_000, ..Pace::default() };
        follow(place, Arc::clone(&self.table) as Arc<dyn Pages>, pace, Filter::default(), seen, self.newest(), "{}")
    }
}

async fn chunk(body: &mut StreamBody) -> Option<String> {
    let frame = std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

/// Ids of the event frames up to and including `last`; the first block, which carries an id without data, apart.
async fn ids_until(body: &mut StreamBody, last: i64) -> Vec<i64> {
    let mut ids = Vec::new();
    while ids.last() != Some(&last) {
        let chunk = chunk(body).await.expect("the stream ended too early");
        for frame in chunk.split("\n\n").filter(|frame| frame.contains("data: {\"n\"")) {
            ids.push(frame.lines().find_map(|line| line.strip_prefix("id: ")).unwrap().parse().unwrap());
        }
    }
    ids
}

#[tokio::test]
async fn a_client_that_resumes_gets_what_it_missed_and_then_what_is_new_each_once() {
    let stand = Stand::new(1_000);
    let mut body = stand.follow(Some(10));
    stand.commit(1_001..=1_050);
    stand.commit(1_051..=1_051);
    assert_eq!(ids_until(&mut body, 1_051).await, (11..=1_051).collect::<Vec<_>>());
    stand.commit(1_052..=1_060);
    assert_eq!(ids_until(&mut body, 1_060).await, (1_052..=1_060).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_client_that_reads_late_is_caught_up_from_the_store() {
    let stand = Stand::new(0);
    let mut body = stand.follow(None);
    assert!(chunk(&mut body).await.unwrap().starts_with("data: {}\n\nid: 0\n"));
    // Far more blocks than the ring keeps, and nobody reads meanwhile.
    for id in 1..=10_000 {
        stand.commit(id..=id);
    }
    assert_eq!(ids_until(&mut body, 10_000).await, (1..=10_000).collect::<Vec<_>>());
    assert!(stand.hub.counts.pages_replayed.load(std::sync::atomic::Ordering::Relaxed) > 0);
}

#[tokio::test]
async fn a_client_that_claims_too_much_or_too_little_is_told_so_and_starts_at_the_head() {
    let stand = Stand::new(30_000);
    for seen in [40_000, 5] {
        let mut body = stand.follow(Some(seen));
        let first = chunk(&mut body).await.unwrap();
        assert!(first.contains("id: 30000\n") && first.contains("\"type\":\"reset\""), "{first}");
    }
}

#[tokio::test]
async fn a_client_that_has_seen_what_is_not_published_yet_gets_only_what_comes_behind_it() {
    let stand = Stand::new(5);
    stand.table.0.lock().unwrap().extend(6..=10);
    let mut body = stand.follow(Some(8));
    let first = chunk(&mut body).await.unwrap();
    assert!(first.contains("id: 8\n") && !first.contains("reset"), "{first}");
    stand.hub.publish(10, |writer| frames(&[6, 7, 8, 9, 10], writer));
    assert_eq!(ids_until(&mut body, 10).await, [9, 10]);
}

#[tokio::test]
async fn events_that_were_committed_while_nobody_listened_are_not_lost_to_the_next_who_resumes() {
    let stand = Stand::new(0);
    drop(stand.follow(None));
    stand.commit(1..=5);
    let mut body = stand.follow(Some(2));
    assert_eq!(ids_until(&mut body, 5).await, [3, 4, 5]);
}

#[tokio::test]
async fn places_are_counted_freed_and_closed() {
    let stand = Stand::new(0);
    let bodies = [stand.follow(None), stand.follow(None), stand.follow(None)];
    assert!(stand.hub.enter().is_none());
    drop(bodies);
    // The tasks notice that their bodies are gone.
    while stand.hub.clients() > 0 {
        tokio::task::yield_now().await;
    }
    let mut body = stand.follow(None);
    stand.hub.close();
    while chunk(&mut body).await.is_some() {}
    assert!(stand.hub.enter().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_closed_and_counted() {
    let stand = Stand::new(0);
    let body = stand.follow(None);
    for id in 1..=3 {
        stand.commit(id..=id);
        tokio::task::yield_now().await;
    }
    while stand.hub.clients() > 0 {
        tokio::time::advance(std::time::Duration::from_secs(10)).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(stand.hub.counts.closed_slow.load(std::sync::atomic::Ordering::Relaxed), 1);
    drop(body);
}

#[tokio::test]
async fn notices_reach_those_who_listen_and_not_those_who_come_later() {
    let stand = Stand::new(0);
    let mut early = stand.follow(None);
    chunk(&mut early).await;
    stand.hub.notify(b"{\"type\":\"stats\"}");
    assert_eq!(chunk(&mut early).await.unwrap(), "data: {\"type\":\"stats\"}\n\n");
    let mut late = stand.follow(None);
    chunk(&mut late).await;
    stand.commit(1..=1);
    assert_eq!(chunk(&mut late).await.unwrap(), "id: 1\ndata: {\"n\":1}\n\n");
}
