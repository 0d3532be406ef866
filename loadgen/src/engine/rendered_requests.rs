//! All requests of a plan, rendered once before the run.

use crate::mix::Part;
use crate::plan::Plan;
use crate::request::{Form, render};

/// The bytes of each part of the mix.
#[derive(Debug)]
pub(crate) struct RenderedRequests {
    /// For a connection that stays.
    staying: Vec<Vec<u8>>,
    /// For a connection's last request.
    last: Vec<Vec<u8>>,
}

impl RenderedRequests {
    pub fn new(plan: &Plan) -> Self {
        let all = |keepalive| {
            let render = |part: &Part| {
                let Plan { method, headers, body, .. } = plan;
                let form = Form { method, path: &part.path, headers, body, keepalive };
                render(&plan.target, form)
            };
            plan.mix.iter().map(render).collect()
        };
        Self { staying: all(true), last: all(false) }
    }

    /// The bytes of a part of the mix; `last` on its connection, it asks the server to close.
    pub fn bytes(&self, part: usize, last: bool) -> &[u8] {
        if last { &self.last[part] } else { &self.staying[part] }
    }
}
