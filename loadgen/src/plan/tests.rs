//! What a plan may ask for, and what is refused.

use super::*;

/// A small closed loop against a port that nobody listens on.
pub(crate) fn small() -> Plan {
    Plan {
        target: Target::parse("http://127.0.0.1:9/").unwrap(),
        unix: None,
        model: Model::Closed,
        mix: vec![Part { weight: 1, path: "/".into() }],
        method: "GET".into(),
        body: vec![],
        headers: vec![],
        connections: 2,
        threads: 1,
        bound: Bound::Requests(10),
        warmup: Duration::ZERO,
        timeout: Duration::from_secs(1),
        per_connection: None,
        pipeline: 1,
        seed: 1,
        cpus: vec![],
        engine: None,
        steer: None,
        tools: vec![],
        keep_log: false,
        awake: false,
        http2: false,
        trust: Trust::System,
    }
}

#[test]
fn a_sound_plan_passes() {
    assert_eq!(small().check(), Ok(()));
}

#[test]
fn what_cannot_run_is_refused() {
    let fails = |change: fn(&mut Plan)| {
        let mut plan = small();
        change(&mut plan);
        plan.check().expect_err("an impossible plan")
    };
    assert_eq!(fails(|plan| plan.connections = 0), PlanError::NoConnections);
    assert_eq!(fails(|plan| plan.threads = 0), PlanError::NoThreads);
    let idle = PlanError::IdleThreads { threads: 3, connections: 2 };
    assert_eq!(fails(|plan| plan.threads = 3), idle);
    assert_eq!(fails(|plan| plan.bound = Bound::Requests(0)), PlanError::Empty);
    assert_eq!(fails(|plan| plan.bound = Bound::Duration(Duration::ZERO)), PlanError::Empty);
    assert_eq!(fails(|plan| plan.warmup = LONGEST * 2), PlanError::TooLong);
    assert_eq!(fails(|plan| plan.timeout = Duration::ZERO), PlanError::NoTimeout);
    assert_eq!(fails(|plan| plan.per_connection = Some(0)), PlanError::NoRequests);
    assert_eq!(fails(|plan| plan.pipeline = 0), PlanError::Pipeline(0));
    assert_eq!(fails(|plan| plan.method = "get it".into()), PlanError::Method("get it".into()));
    let open = |rate, spin| {
        let (rate, arrivals) = (Profile::constant(rate), Arrivals::Constant);
        Plan { model: Model::Open { rate, arrivals, spin }, ..small() }.check()
    };
    assert_eq!(open(0.0, false), Err(PlanError::Rate));
    assert_eq!(open(1.0, true), Err(PlanError::Spin(1)));
    assert_eq!(open(1.0, false), Ok(()));
}

#[test]
fn an_engine_is_not_asked_for_what_it_cannot_do() {
    let check = |engine, change: fn(&mut Plan)| {
        let mut plan = Plan { engine, ..small() };
        change(&mut plan);
        plan.check()
    };
    let tls = |plan: &mut Plan| plan.target.tls = true;
    let http2 = |plan: &mut Plan| plan.http2 = true;
    let deep = |plan: &mut Plan| plan.pipeline = 8;
    assert_eq!(check(Some(EngineKind::Epoll), tls), Err(PlanError::PlainOnly("epoll", "https")));
    let plain = Err(PlanError::PlainOnly("hyper", "--http2"));
    assert_eq!(check(Some(EngineKind::Hyper), http2), plain);
    assert_eq!(check(Some(EngineKind::Uring), deep), Ok(()));
    if cfg!(feature = "clients") {
        assert_eq!(check(None, tls), Ok(()));
        assert_eq!(check(Some(EngineKind::Hyper), deep), Err(PlanError::OneAtATime("hyper")));
        let both = |plan: &mut Plan| (plan.http2, plan.pipeline) = (true, 8);
        assert_eq!(check(None, both), Ok(()));
    } else {
        assert_eq!(check(None, tls), Err(PlanError::NotBuilt("https")));
        assert_eq!(check(Some(EngineKind::Hyper), deep), Err(PlanError::NotBuilt("hyper")));
    }
}

#[test]
fn shares_differ_by_one_and_add_up() {
    let plan = Plan { threads: 3, ..small() };
    let shares: Vec<_> = (0..3).map(|thread| plan.share(10, thread)).collect();
    assert_eq!(shares, [4, 3, 3]);
}
