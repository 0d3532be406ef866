//! `/events`: what happens, as it happens, and the status at intervals, as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use hyper::Response;

use super::hub::Hub;
use crate::web::answer::Body;
use crate::web::reception::Visit;
use crate::web::stream::{self, Ended, Reader};

/// Answers with a stream that tells the status every `interval`.
pub(super) fn open(hub: Arc<Hub>, interval: Duration, visit: Arc<Visit>) -> Response<Body> {
    stream::open(visit, move |reader| async move { tell(&reader, &hub, interval).await })
}

/// Tells a reader all that happens, the status first.
async fn tell(reader: &Reader, hub: &Hub, interval: Duration) -> Ended {
    // Before the first status, so that nothing falls between.
    let Some(events) = hub.follow() else { return Ended::Over };
    if let Ok(seen) = hub.status().await
        && let Err(ended) = reader.put(seen.event.clone()).await
    {
        return ended;
    }
    // Side by side, since an event must not wait for a status.
    tokio::select! {
        ended = reader.pass_on(events) => ended,
        ended = tell_status(reader, hub, interval) => ended,
    }
}

async fn tell_status(reader: &Reader, hub: &Hub, interval: Duration) -> Ended {
    loop {
        tokio::time::sleep(interval).await;
        if let Ok(seen) = hub.status().await
            && let Err(ended) = reader.put(seen.event.clone()).await
        {
            return ended;
        }
    }
}
