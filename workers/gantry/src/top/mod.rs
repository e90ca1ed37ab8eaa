//! `gantry top`: the queues, live.

mod draw;
mod live;
mod model;
#[cfg(test)]
mod tests;

use std::{
    io::{self, IsTerminal},
    time::SystemTime,
};

use crate::{
    arguments::TopOptions,
    connect,
    duration::short,
    places::Places,
    problem::Problem,
    queue::{
        describe::{running, table},
        server::Server,
        survey::Survey,
        view::View,
        worker::{contracts_of, short_identity},
    },
    report,
};

pub(crate) async fn run(places: &Places, options: &TopOptions) -> Result<(), Problem> {
    if options.once || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return once(places).await;
    }
    let temporal = connect::settings(places)?;
    let colour = places.raw.get("NO_COLOR").is_none();
    live::run(temporal, options.interval, colour).await
}

/// Prints what a screen would show, once.
async fn once(places: &Places) -> Result<(), Problem> {
    let server = Server::connect(places).await?;
    let views = Survey::new(server.clone()).look().await?;
    let jobs = server.open_activities().await?;
    let now = SystemTime::now();
    report::data(&table(&views, now))?;
    let workers = views.iter().flat_map(View::family).flat_map(|view| view.workers.iter().map(|w| (view.kind(), w)));
    let row = |(kind, worker): (_, &crate::queue::worker::Seen)| {
        vec![
            short_identity(&worker.identity).to_owned(),
            worker.queue.clone(),
            worker.host.clone(),
            worker.build_id.clone(),
            running(worker.slots(kind)),
            worker.state(now).to_owned(),
            worker.age(now).map_or_else(|| "never".to_owned(), |age| format!("{} ago", short(age))),
            contracts_of(&worker.identity).unwrap_or("unknown").to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = workers.map(row).collect();
    if !rows.is_empty() {
        let head = ["worker", "queue", "host", "build", "running", "state", "heartbeat", "contracts"];
        report::data(&format!("\n{}", report::table(&head, &rows)))?;
    }
    match jobs {
        Some(jobs) => report::data(&format!("\n{jobs} jobs open (waiting or running)")),
        None => Ok(()),
    }
}
