//! The lab's card as the page gets it.

use serde_json::{Value, json};

use super::{LabSession, State};
use crate::demo::labs::Lab;

impl LabSession {
    pub fn card(&self) -> Value {
        let none: &[Option<f64>] = &[];
        match &self.state {
            State::Free => json!({ "stage": "none" }),
            State::Predict(lab) => question(lab, "predict", none),
            State::Running(running) => {
                let mut card = question(running.ready.lab, "running", &running.ready.guesses);
                if let Some(round) = &running.round {
                    let left_s = round.seconds - round.began.elapsed().as_secs_f64();
                    card["round"] = json!({ "number": round.number, "of": round.of,
                        "title": round.title, "left_s": left_s.max(0.0) });
                }
                card
            }
            State::Result(lab, seen) => {
                let mut card = question(lab, "result", none);
                card["items"] = json!(seen.items);
                card["explanation"] = json!(seen.explanation);
                card["discuss"] = json!(seen.discuss);
                card["figure"] = json!(reports::lab::figure(seen));
                card["report"] = json!("/lab/index.html");
                card["handout"] = json!("/lab/handout.html");
                card
            }
            State::Failed(lab, why) => {
                let mut card = question(lab, "failed", none);
                card["error"] = json!(why);
                card
            }
        }
    }
}

/// What is asked, without what is expected: nobody is to read the answer before the guess.
fn question(lab: &Lab, stage: &str, guesses: &[Option<f64>]) -> Value {
    let guess = lab.guess.get_ref();
    let items: Vec<Value> = lab
        .item
        .0
        .iter()
        .enumerate()
        .map(|(place, item)| {
            let guess = guesses.get(place).copied().flatten();
            json!({ "name": item.name, "guess": guess, "observed": null, "low": null, "high": null,
            "note": item.note })
        })
        .collect();
    json!({
        "stage": stage, "name": lab.name(), "title": lab.title, "minutes": lab.minutes.0,
        "aim": lab.aim, "question": lab.question, "quantity": lab.quantity, "unit": lab.unit,
        "min": guess.min, "max": guess.max, "step": guess.step, "items": items,
        "round": null, "explanation": "", "discuss": [], "error": "",
    })
}
